import type { Clock } from '@pocketproxy/runtime';

interface Window {
  failures: number;
  until: number;
}

/** Keys (addresses) beyond this number share one window, so that an attacker cannot fill the memory. */
const MAX_KEYS = 10_000;

/** Refuses a key after too many failures within a window. Successes cost nothing. */
export class AttemptLimiter {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windowMs: number;
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
    const window = this.#current(key);
    if (window) {
      window.failures += 1;
      // The block lasts a whole window from the failure that caused it.
      if (window.failures === this.#limit) window.until = this.#clock.now() + this.#windowMs;
      return;
    }
    if (this.#windows.size >= MAX_KEYS) this.#dropExpired();
    this.#windows.set(this.#slot(key), { failures: 1, until: this.#clock.now() + this.#windowMs });
  }

  #slot(key: string): string {
    return this.#windows.has(key) || this.#windows.size < MAX_KEYS ? key : 'others';
  }

  #current(key: string): Window | undefined {
    const slot = this.#slot(key);
    const window = this.#windows.get(slot);
    if (!window || window.until > this.#clock.now()) return window;
    this.#windows.delete(slot);
    return undefined;
  }

  #dropExpired(): void {
    const now = this.#clock.now();
    for (const [key, window] of this.#windows) if (window.until <= now) this.#windows.delete(key);
  }
}
