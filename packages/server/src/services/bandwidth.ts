import type { BandwidthBucket, BandwidthQuery, Granularity } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { UsageQuery, UsageRepository } from '../db/usage-repository.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_SPAN_MS: Readonly<Record<Granularity, number>> = {
  hour: 48 * HOUR_MS,
  day: 31 * 24 * HOUR_MS,
  month: 366 * 24 * HOUR_MS,
};

/** Counted bytes over time. */
export class Bandwidth {
  readonly #repository: UsageRepository;
  readonly #clock: Clock;

  constructor(repository: UsageRepository, clock: Clock) {
    this.#repository = repository;
    this.#clock = clock;
  }

  async of(subject: UsageQuery['of'], query: BandwidthQuery): Promise<BandwidthBucket[]> {
    const to = query.to ?? new Date(this.#clock.now() + HOUR_MS);
    const from = query.from ?? new Date(to.getTime() - DEFAULT_SPAN_MS[query.granularity]);
    const buckets = await this.#repository.buckets({ of: subject, unit: query.granularity, from, to });
    return buckets.map((bucket) => ({ ...bucket, start: bucket.start.toISOString() }));
  }
}
