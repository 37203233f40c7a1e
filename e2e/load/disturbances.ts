/** A time in which a phone was not to be relied on, by `performance.now()`. */
interface Disturbance {
  readonly from: number;
  /** Infinite while it lasts. */
  to: number;
}

/** In the place of a phone: the relay itself, which all flows need, those that ask for no phone included. */
export const RELAY = -1;

/** Forgotten after this: no flow lasts longer. */
const KEPT_MS = 5 * 60_000;

/** What was done to which phone and when, so that failures of its flows can be told from those that nothing explains. */
export class Disturbances {
  readonly #byPhone = new Map<number, Disturbance[]>();
  /** How many there were. */
  count = 0;

  /** From now on until the answer is called. */
  begin(phone: number): () => void {
    const now = performance.now();
    const disturbance: Disturbance = { from: now, to: Number.POSITIVE_INFINITY };
    const kept = (this.#byPhone.get(phone) ?? []).filter(({ to }) => now - to < KEPT_MS);
    this.#byPhone.set(phone, [...kept, disturbance]);
    this.count += 1;
    return () => {
      disturbance.to = performance.now();
    };
  }

  /** Whether the phone is disturbed now. */
  isUnderWay(phone: number): boolean {
    return this.#byPhone.get(phone)?.some(({ to }) => to === Number.POSITIVE_INFINITY) ?? false;
  }

  /** Whether what lasted from `start` to `end` met one. */
  explain(phone: number, start: number, end: number): boolean {
    return this.#byPhone.get(phone)?.some(({ from, to }) => from <= end && start <= to) ?? false;
  }
}
