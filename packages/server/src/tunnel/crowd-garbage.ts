import type { Clock, Timer } from '@pocketproxy/runtime';

/** Phones that come within `WINDOW_MS`; fewer leave less behind than a collection costs. */
const CROWD = 250;
const WINDOW_MS = 10_000;
/** By then handshakes and first reports are over. */
const CALM_AFTER_MS = 30_000;

/**
 * Frees once what a crowd of phones leaves behind that came all at the same time, such as after a restart of the relay.
 * V8 would keep it for hours: phones that only report give it no reason to collect its whole heap.
 */
export class CrowdGarbage {
  readonly #collect: () => void;
  readonly #clock: Clock;
  #windowEndsAt = Number.NEGATIVE_INFINITY;
  #arrived = 0;
  #timer: Timer | null = null;

  constructor(collect: () => void, clock: Clock) {
    this.#collect = collect;
    this.#clock = clock;
  }

  /** Call when a phone has come. */
  arrived(): void {
    const now = this.#clock.monotonic();
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + WINDOW_MS;
      this.#arrived = 0;
    }
    this.#arrived += 1;
    if (this.#arrived !== CROWD) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimeout(this.#collect, CALM_AFTER_MS);
  }
}
