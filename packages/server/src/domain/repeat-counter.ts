import type { Clock } from '@pocketproxy/runtime';

export interface RepeatCounterOptions<T> {
  readonly clock: Clock;
  readonly windowMs: number;
  /** Events of one kind that a window lets through. */
  readonly oneByOne: number;
  /** Kinds that a window tells apart. */
  readonly kinds: number;
  /**
   * At the end of a window: of one kind, the last event and how many were held back; `null` stands for all those that came when
   * there were too many kinds.
   */
  readonly onHeldBack: (last: T | null, times: number) => void;
}

interface Kind<T> {
  seen: number;
  last: T;
}

/**
 * Lets the first events of each kind through and counts the others, so that however many there are, a window costs no more than
 * `kinds * (oneByOne + 1) + 1` of whatever is done with them.
 */
export class RepeatCounter<T> {
  readonly #options: RepeatCounterOptions<T>;
  #kinds = new Map<string, Kind<T>>();
  #others = 0;
  #isOpen = false;

  constructor(options: RepeatCounterOptions<T>) {
    this.#options = options;
  }

  /** Whether this one is let through. */
  note(kind: string, event: T): boolean {
    const { clock, windowMs, oneByOne, kinds } = this.#options;
    if (!this.#isOpen) {
      this.#isOpen = true;
      clock.setTimeout(() => this.endWindow(), windowMs);
    }
    const known = this.#kinds.get(kind);
    if (!known && this.#kinds.size >= kinds) {
      this.#others += 1;
      return false;
    }
    const seen = (known?.seen ?? 0) + 1;
    this.#kinds.set(kind, { seen, last: event });
    return seen <= oneByOne;
  }

  /** Tells what was held back, and begins anew with the next event. */
  endWindow(): void {
    const { oneByOne, onHeldBack } = this.#options;
    const [kinds, others] = [this.#kinds, this.#others];
    this.#kinds = new Map();
    this.#others = 0;
    this.#isOpen = false;
    for (const { seen, last } of kinds.values()) if (seen > oneByOne) onHeldBack(last, seen - oneByOne);
    if (others > 0) onHeldBack(null, others);
  }
}
