import { setTimeout as delay } from 'node:timers/promises';
import type { JobResult } from './jobs.ts';

/** Counts what clients do for a fixed time, after a warm-up. */
export class TimedCount {
  running = true;
  #units = 0;
  #failures = 0;

  done(): void {
    this.#units += 1;
  }

  failed(): void {
    this.#failures += 1;
  }

  /** Resolves with the counts when the time is over; `running` is false from then on. */
  async run(warmUpMs: number, countedMs: number): Promise<JobResult> {
    await delay(warmUpMs);
    const startedAt = performance.now();
    const before = this.#units;
    await delay(countedMs);
    const perSecond = ((this.#units - before) / (performance.now() - startedAt)) * 1000;
    this.running = false;
    return { units: this.#units, perSecond, failures: this.#failures, latenciesMs: [] };
  }
}
