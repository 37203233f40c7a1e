import { OFFLINE_AFTER_MS } from '@pocketproxy/protocol';
import type { StatsOverview } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { Scope } from '../db/scope.ts';
import type { StatsRepository } from '../db/stats-repository.ts';
import { deviceStatus } from '../domain/device-status.ts';

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
    const [groups, connections, today] = await Promise.all([
      this.#repository.deviceGroups(scope, new Date(now - OFFLINE_AFTER_MS)),
      this.#repository.connectionCounts(scope),
      this.#repository.bytesSinceDay(scope, new Date(now)),
    ]);
    const devices = { total: 0, online: 0, reconnecting: 0, offline: 0 };
    for (const { recent, count, ...signs } of groups) {
      devices.total += count;
      devices[deviceStatus({ ...signs, lastSeenAt: recent ? new Date(now) : null }, now)] += count;
    }
    return { devices, connections, today };
  }
}
