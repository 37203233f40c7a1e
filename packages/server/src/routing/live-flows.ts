import type { Bridge, Clock, Timer } from '@pocketproxy/runtime';

const SWEEP_INTERVAL_MS = 1_000;

export interface IdleLimits {
  /** A flow that moves no byte for this long ends. */
  readonly idleTimeoutMs: number;
  /** The same once one side has sent its FIN. */
  readonly halfClosedTimeoutMs: number;
}

interface Entry {
  readonly bridge: Bridge;
  transferred: number;
  since: number;
}

/**
 * All joined flows of the process. One sweep a second looks at byte counts, so that an idle limit costs nothing per
 * chunk and no timer per flow.
 */
export class LiveFlows {
  readonly #limits: IdleLimits;
  readonly #clock: Clock;
  readonly #entries = new Map<Bridge, Entry>();
  readonly #timer: Timer;

  constructor(limits: IdleLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#timer = clock.setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS);
  }

  get size(): number {
    return this.#entries.size;
  }

  add(bridge: Bridge): void {
    this.#entries.set(bridge, { bridge, transferred: -1, since: this.#clock.monotonic() });
  }

  delete(bridge: Bridge): void {
    this.#entries.delete(bridge);
  }

  abortAll(): void {
    for (const { bridge } of [...this.#entries.values()]) bridge.abort();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const entry of this.#entries.values()) {
      const { bridge } = entry;
      if (bridge.transferred !== entry.transferred) {
        entry.transferred = bridge.transferred;
        entry.since = now;
        continue;
      }
      const limit = bridge.halfClosed ? this.#limits.halfClosedTimeoutMs : this.#limits.idleTimeoutMs;
      if (now - entry.since >= limit) bridge.abort();
    }
  }
}
