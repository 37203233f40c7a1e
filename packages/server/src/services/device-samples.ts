import type { DeviceSamplesQuery, DeviceSampleView } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { MetricsRepository } from '../db/metrics-repository.ts';
import { defaultSpan } from './time-range.ts';

const DEFAULT_SPAN_MS = 24 * 3_600_000;

/** What phones reported over time. */
export class DeviceSamples {
  readonly #repository: Pick<MetricsRepository, 'between'>;
  readonly #clock: Clock;

  constructor(repository: Pick<MetricsRepository, 'between'>, clock: Clock) {
    this.#repository = repository;
    this.#clock = clock;
  }

  /** Of one device; without a range those of the last day. @throws {ServiceError} `validation_failed` */
  async of(deviceId: string, query: DeviceSamplesQuery): Promise<DeviceSampleView[]> {
    const { from, to } = defaultSpan(query, new Date(this.#clock.now()), DEFAULT_SPAN_MS);
    const samples = await this.#repository.between(deviceId, from, to);
    return samples.map((sample) => ({ ...sample, at: sample.at.toISOString() }));
  }
}
