/** Time as logic sees it, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go backwards, for measuring durations. */
  monotonic(): number;
  /** Calls `callback` once after `ms`. Does not keep the process alive. */
  setTimeout(callback: () => void, ms: number): Timer;
  /** Calls `callback` every `ms`. Does not keep the process alive. */
  setInterval(callback: () => void, ms: number): Timer;
}

export interface Timer {
  cancel(): void;
}

export class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const handle = setTimeout(callback, ms).unref();
    return { cancel: () => clearTimeout(handle) };
  }

  setInterval(callback: () => void, ms: number): Timer {
    const handle = setInterval(callback, ms).unref();
    return { cancel: () => clearInterval(handle) };
  }
}

interface Pending {
  readonly at: number;
  readonly every: number | null;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  #pending = new Set<Pending>();

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    return this.#add({ at: this.#now + ms, every: null, callback });
  }

  setInterval(callback: () => void, ms: number): Timer {
    return this.#add({ at: this.#now + ms, every: ms, callback });
  }

  /** Moves time forward by `ms` and fires what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#pending].filter((p) => p.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.at);
      if (next.every !== null) this.#rearm(next, next.every);
      next.callback();
    }
    this.#now = end;
  }

  #timers = new Map<object, Pending>();

  #add(pending: Pending): Timer {
    const key = { cancel: () => this.#cancel(key) };
    this.#timers.set(key, pending);
    this.#pending.add(pending);
    return key;
  }

  #rearm(pending: Pending, every: number): void {
    const again: Pending = { ...pending, at: pending.at + every };
    for (const [key, value] of this.#timers) if (value === pending) this.#timers.set(key, again);
    this.#pending.add(again);
  }

  #cancel(key: object): void {
    const pending = this.#timers.get(key);
    if (pending) this.#pending.delete(pending);
    this.#timers.delete(key);
  }
}
