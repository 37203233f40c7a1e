import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MIB = 1024 * 1024;
/** V8 lets a small heap grow by this, and by the size of its young generation, before it marks the whole of it. */
const GROWTH_BYTES = 8 * MIB;
/** The memory that one collection frees is credited after the next, and some more is in queues. */
const BUDGETS_AT_A_TIME = 3;
/** Collections are rare enough then. */
const LARGEST_BUDGET_BYTES = 8 * MIB;

/**
 * Frees the buffers of data that has passed through, cheaply. Each read allocates one outside V8's heap. They all die
 * young, but V8 counts their bytes against the whole heap and starts a full collection every 36 MB or so: at 3 Gbit/s
 * ten a second, which took more than half of the process's time. A collection of the young generation alone costs
 * well under a millisecond and keeps that limit from being reached.
 */
export class BufferGarbage {
  readonly #nextBudget: () => number;
  readonly #makeCollector: () => () => void;
  #collect: (() => void) | null = null;
  /** Until the next collection; asked anew for each, because V8 changes the size of its young generation. */
  #budgetBytes: number | null = null;
  #bytes = 0;

  constructor(nextBudget = youngBudget, makeCollector = youngCollector) {
    this.#nextBudget = nextBudget;
    this.#makeCollector = makeCollector;
  }

  /** Notes that buffers of `bytes` were read and will soon be garbage. */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#budgetBytes ??= this.#nextBudget();
    if (this.#bytes < this.#budgetBytes) return;
    this.#bytes = 0;
    this.#budgetBytes = null;
    this.#collect ??= this.#makeCollector();
    // After this turn of the event loop more of them are unreachable.
    setImmediate(this.#collect);
  }
}

/**
 * Bytes of buffers after which to collect, so that V8 finds no reason to mark the heap. The young generation shrinks from
 * 16 MiB to 1 MiB in a process that had much to do and then had not; a budget for the former made an agent mark its whole
 * heap several times a second, at up to twice the CPU time.
 */
export function youngBudget(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  const capacity = young === undefined ? 0 : young.space_used_size + young.space_available_size;
  return Math.min((GROWTH_BYTES + capacity) / BUDGETS_AT_A_TIME, LARGEST_BUDGET_BYTES);
}

/** A function that collects the young generation. */
export function youngCollector(): () => void {
  // The young generation is nearly empty of live objects: waking helper threads costs more than they save.
  setFlagsFromString('--no-parallel-scavenge');
  const collect = collector();
  return () => collect({ type: 'minor' });
}

/** A function that collects everything that nobody needs any more. Stops the process for as long as that takes. */
export function fullCollector(): () => void {
  let collect: ReturnType<typeof collector> | null = null;
  return () => {
    // Most processes never need it.
    collect ??= collector();
    collect({ type: 'major' });
  };
}

function collector(): (options: { type: 'minor' | 'major' }) => void {
  setFlagsFromString('--expose-gc');
  // The flag shows in contexts made from now on.
  return runInNewContext('gc');
}
