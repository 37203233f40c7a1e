import type { Clock, Timer } from '@pocketproxy/runtime';

/** Soon enough for a phone that sends as fast as it can, and seldom enough for thousands that send nothing. */
const INTERVAL_MS = 2_000;
/** What frames other than those of flows come to at most, on the busiest phone: heads of new flows, windows, telemetry. */
const FRAMES_BYTES_PER_S = 2_000_000;
/** Flows that were just reset may have this much under way. */
const BURST_BYTES = 32_000_000;
/** Small frames cost as much as they carry. */
const OVERHEAD = 2;

/** What a session has received, and what it had reason to receive. */
export interface ReceivedBytes {
  /** Bytes of the connection so far. */
  readonly total: number;
  /** Bytes that the peer was told it may send on flows so far. */
  readonly granted: number;
  /** Of these, what flows that are open have not taken yet. */
  readonly outstanding: number;
}

export interface FloodWatchOptions {
  readonly clock: Clock;
  readonly received: () => ReceivedBytes;
  /** Called once; must end the session. */
  readonly onFlood: () => void;
}

/**
 * Reports a peer that sends far more than it was asked for: frames that are allowed one by one and carry nothing
 * (RFC 9113 section 10.5), or more on a flow than its window lets it. Much of this nghttp2 notices itself; the rest
 * would keep the event loop busy, or pile up in memory, for as long as the peer likes.
 */
export class FloodWatch {
  readonly #options: FloodWatchOptions;
  readonly #timer: Timer;
  #lookedAt: number;
  #total = 0;
  #granted = 0;
  /** Received without a reason so far; below 0, what may still come for flows that are open. */
  #unasked = 0;

  constructor(options: FloodWatchOptions) {
    this.#options = options;
    this.#lookedAt = options.clock.monotonic();
    this.#timer = options.clock.setInterval(() => this.#look(), INTERVAL_MS);
  }

  stop(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const { clock, received, onFlood } = this.#options;
    const { total, granted, outstanding } = received();
    const now = clock.monotonic();
    const seconds = (now - this.#lookedAt) / 1000;
    const unasked = this.#unasked + (total - this.#total) - OVERHEAD * (granted - this.#granted);
    [this.#total, this.#granted, this.#lookedAt] = [total, granted, now];
    // What flows did not use while they were open is no reason for anything later.
    const bounded = Math.max(unasked, -OVERHEAD * outstanding);
    this.#unasked = bounded > 0 ? Math.max(0, bounded - FRAMES_BYTES_PER_S * seconds) : bounded;
    if (this.#unasked <= BURST_BYTES) return;
    this.stop();
    onFlood();
  }
}
