import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * V8 begins to mark the whole heap at 36 MB or so. The memory that one collection frees is credited after the next, and
 * some more is in queues, so that up to three budgets count at a time.
 */
const BUDGET_BYTES = 8 * 1024 * 1024;

/**
 * Frees the buffers of data that has passed through, cheaply. Each read allocates one outside V8's heap. They all die
 * young, but V8 counts their bytes against the whole heap and starts a full collection every 36 MB or so: at 3 Gbit/s
 * ten a second, which took more than half of the process's time. A collection of the young generation alone costs
 * well under a millisecond and keeps that limit from being reached.
 */
export class BufferGarbage {
  readonly #budgetBytes: number;
  readonly #makeCollector: () => () => void;
  #collect: (() => void) | null = null;
  #bytes = 0;

  constructor(budgetBytes = BUDGET_BYTES, makeCollector = youngCollector) {
    this.#budgetBytes = budgetBytes;
    this.#makeCollector = makeCollector;
  }

  /** Notes that buffers of `bytes` were read and will soon be garbage. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#budgetBytes) return;
    this.#bytes = 0;
    this.#collect ??= this.#makeCollector();
    // After this turn of the event loop more of them are unreachable.
    setImmediate(this.#collect);
  }
}

/** A function that collects the young generation. */
export function youngCollector(): () => void {
  // The young generation is nearly empty of live objects: waking helper threads costs more than they save.
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--expose-gc');
  // The flag shows in contexts made from now on.
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  return () => collect({ type: 'minor' });
}
