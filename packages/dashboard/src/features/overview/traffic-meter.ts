/** Bytes are counted and told of every three seconds: over this time, several times. */
const WINDOW_MS = 15_000;
/** A rate over less than this would be of one report alone. */
const SHORTEST_MS = 4_000;

interface Portion {
  readonly at: number;
  readonly bytes: number;
}

/** How fast bytes are counted at present, from what connections have used altogether. */
export class TrafficMeter {
  #begun: number;
  readonly #used = new Map<string, number>();
  #portions: Portion[] = [];

  /** `now` is in milliseconds, like all times here. */
  constructor(now: number) {
    this.#begun = now;
  }

  /** Measures anew: reports were missed, and what they would have told is not the traffic of one moment. */
  restart(now: number): void {
    this.#begun = now;
    this.#portions = [];
    this.#used.clear();
  }

  /** What a connection had used when it was read; later reports count from here. */
  start(connections: readonly { readonly id: string; readonly usedBytes: number }[]): void {
    for (const { id, usedBytes } of connections) if (!this.#used.has(id)) this.#used.set(id, usedBytes);
  }

  /** What a connection has used by now. Less than before is a new period or a reset, not traffic. */
  report({ id, usedBytes }: { readonly id: string; readonly usedBytes: number }, now: number): void {
    const before = this.#used.get(id);
    this.#used.set(id, usedBytes);
    if (before !== undefined && usedBytes > before)
      this.#portions.push({ at: now, bytes: usedBytes - before });
  }

  /** Bits per second, both directions; `null` until it has measured for long enough. */
  rate(now: number): number | null {
    this.#portions = this.#portions.filter(({ at }) => now - at < WINDOW_MS);
    const measured = Math.min(WINDOW_MS, now - this.#begun);
    if (measured < SHORTEST_MS) return null;
    return (this.#portions.reduce((sum, { bytes }) => sum + bytes, 0) * 8_000) / measured;
  }
}
