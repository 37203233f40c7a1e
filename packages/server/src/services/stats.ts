import type { StatsOverview } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { Scope } from '../db/scope.ts';
import type { StatsRepository } from '../db/stats-repository.ts';
import { deviceStatus } from '../domain/device-status.ts';
import { periodStart } from './quota-periods.ts';

/** Counts for the first page of the dashboard. */
export class Stats {
  readonly #repository: StatsRepository;
  readonly #clock: Clock;

  constructor(repository: StatsRepository, clock: Clock) {
    this.#repository = repository;
    this.#clock = clock;
  }

  async overview(scope: Scope): Promise<StatsOverview> {
    const now = this.#clock.now();
    const [signs, connections, today] = await Promise.all([
      this.#repository.deviceSigns(scope),
      this.#repository.connectionCounts(scope),
      this.#repository.bytesSince(scope, periodStart('day', new Date(now))),
    ]);
    const devices = { total: signs.length, online: 0, reconnecting: 0, offline: 0 };
    for (const sign of signs) devices[deviceStatus(sign, now)] += 1;
    return { devices, connections, today };
  }
}
