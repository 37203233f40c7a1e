import type { Clock } from '@pocketproxy/runtime';

interface Window {
  failures: number;
  /** On the monotonic clock: a wall clock that is set back must not block anybody for an hour. */
  until: number;
}

/** Keys that are remembered. The one that failed first goes first, so that an attacker cannot fill the memory. */
const MAX_KEYS = 10_000;

/**
 * Refuses a key after too many failures within a window. Successes cost nothing. Whoever makes up keys to have a
 * blocked one forgotten needs ten thousand failures for each window.
 */
export class AttemptLimiter {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windowMs: number;
  /** In the order of each window's begin. */
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock, limit: number, windowMs: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  allows(key: string): boolean {
    const window = this.#current(key);
    return window === undefined || window.failures < this.#limit;
  }

  noteFailure(key: string): void {
    const until = this.#clock.monotonic() + this.#windowMs;
    const window = this.#current(key);
    if (window) {
      window.failures += 1;
      // The block lasts a whole window from the failure that caused it.
      if (window.failures === this.#limit) window.until = until;
      return;
    }
    const oldest = this.#windows.size >= MAX_KEYS ? this.#windows.keys().next().value : undefined;
    if (oldest !== undefined) this.#windows.delete(oldest);
    this.#windows.set(key, { failures: 1, until });
  }

  #current(key: string): Window | undefined {
    const window = this.#windows.get(key);
    if (!window || window.until > this.#clock.monotonic()) return window;
    this.#windows.delete(key);
    return undefined;
  }
}
