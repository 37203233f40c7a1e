import { type Clock, RateLimit } from '@pocketproxy/runtime';

const BYTES_PER_MEGABIT = 125_000;

/** The limit of a connection's speed, each direction apart; there is nothing of it while there is no limit. */
export class SpeedLimit {
  readonly #clock: Clock;
  up: RateLimit | null = null;
  down: RateLimit | null = null;

  constructor(clock: Clock, mbps: number | null) {
    this.#clock = clock;
    this.set(mbps);
  }

  /** In Mbit/s; `null`: no limit. Flows that wait notice at once. */
  set(mbps: number | null): void {
    this.up = this.#changed(this.up, mbps);
    this.down = this.#changed(this.down, mbps);
  }

  #changed(limit: RateLimit | null, mbps: number | null): RateLimit | null {
    if (mbps === null) {
      limit?.lift();
      return null;
    }
    const bytesPerSecond = mbps * BYTES_PER_MEGABIT;
    limit?.setRate(bytesPerSecond);
    return limit ?? new RateLimit(this.#clock, bytesPerSecond);
  }
}
