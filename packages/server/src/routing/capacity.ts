import type { Clock, Timer } from '@pocketproxy/runtime';
import type { RelayShortage } from '../domain/metrics.ts';

/** Of what flows take, whatever protocol opened them. */
export type Shortage = Exclude<RelayShortage, 'descriptors'>;

export interface CapacityOptions {
  /** TCP flows and UDP associations together, of all connections, those that are being dialled included. */
  readonly maxFlows: number;
  readonly maxMemoryBytes: number;
  /** Flows that are open now. */
  readonly openFlows: () => number;
  /** Bytes that the process needs now, and some that it does not need any more. */
  readonly memoryInUse: () => number;
  /** Frees what is not needed any more. Takes its time. */
  readonly collectGarbage: () => void;
  readonly clock: Clock;
  /** Told when new work is refused from now on, and when (`null`) it is taken again. */
  readonly onChange: (shortage: Shortage | null) => void;
}

const MEMORY_INTERVAL_MS = 500;
/** New flows are taken again below this share of the limit, so that one flow does not turn it on and off. */
const MEMORY_AGAIN_SHARE = 0.9;
/** Between two collections while memory is short: at least this, and as long as makes them a fifth of all time. */
const COLLECTIONS_APART_MS = 1_000;
const COLLECTIONS_SHARE = 1 / 5;

/** Whether this relay may take one more flow. Flows that are open go on whatever it says. */
export class Capacity {
  readonly maxFlows: number;
  readonly maxMemoryBytes: number;
  readonly #options: CapacityOptions;
  readonly #timer: Timer;
  #dialling = 0;
  #memoryIsShort = false;
  #collectAgainAt = 0;
  #told: Shortage | null = null;

  constructor(options: CapacityOptions) {
    this.#options = options;
    this.maxFlows = options.maxFlows;
    this.maxMemoryBytes = options.maxMemoryBytes;
    this.#timer = options.clock.setInterval(() => this.#look(), MEMORY_INTERVAL_MS);
  }

  /** Why no new flow may be opened now, or `null`. */
  get shortage(): Shortage | null {
    if (this.#memoryIsShort) return 'memory';
    return this.#options.openFlows() + this.#dialling >= this.maxFlows ? 'flows' : null;
  }

  /** A flow is being dialled: it counts until `dialled` is called, and is among the open ones then. */
  dialling(): void {
    this.#dialling += 1;
  }

  /** Its dial has ended, well or not. */
  dialled(): void {
    this.#dialling -= 1;
  }

  stop(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const { memoryInUse, onChange } = this.#options;
    const limit = this.#memoryIsShort ? this.maxMemoryBytes * MEMORY_AGAIN_SHARE : this.maxMemoryBytes;
    this.#memoryIsShort = memoryInUse() >= limit && !(this.#collected() && memoryInUse() < limit);
    const { shortage } = this;
    if (shortage === this.#told) return;
    this.#told = shortage;
    onChange(shortage);
  }

  /**
   * V8 collects when something is allocated. A relay that refuses everything allocates next to nothing: what its flows have left behind
   * would hold up new ones for as long as V8 likes. Answers whether it was time to.
   */
  #collected(): boolean {
    const { clock, collectGarbage } = this.#options;
    const began = clock.monotonic();
    if (began < this.#collectAgainAt) return false;
    collectGarbage();
    const ended = clock.monotonic();
    this.#collectAgainAt =
      ended + Math.max(COLLECTIONS_APART_MS, (ended - began) * (1 / COLLECTIONS_SHARE - 1));
    return true;
  }
}
