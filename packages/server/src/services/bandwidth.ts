import type { BandwidthBucket, BandwidthQuery, Granularity } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { UsageQuery, UsageRepository } from '../db/usage-repository.ts';
import { defaultSpan } from './time-range.ts';

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

  /** @throws {ServiceError} `validation_failed` when the range ends before it begins */
  async of(subject: UsageQuery['of'], query: BandwidthQuery): Promise<BandwidthBucket[]> {
    const unit = query.granularity;
    // The hour that is under way belongs to it, and so does one that a clock ahead of ours has begun.
    const range = defaultSpan(query, new Date(this.#clock.now() + HOUR_MS), DEFAULT_SPAN_MS[unit]);
    const buckets = await this.#repository.buckets({ of: subject, unit, ...range });
    return buckets.map((bucket) => ({ ...bucket, start: bucket.start.toISOString() }));
  }
}
