import { OFFLINE_AFTER_MS } from '@pocketproxy/protocol';
import type { DeviceTotals, StatsOverview } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { Scope } from '../db/scope.ts';
import type { StatsRepository } from '../db/stats-repository.ts';
import { deviceStatus } from '../domain/device-status.ts';

/** Counts for the overview and for the list of devices. */
export class Stats {
  readonly #repository: StatsRepository;
  readonly #clock: Clock;

  constructor(repository: StatsRepository, clock: Clock) {
    this.#repository = repository;
    this.#clock = clock;
  }

  async overview(scope: Scope): Promise<StatsOverview> {
    const now = this.#clock.now();
    const [groups, connections, today, rotations] = await Promise.all([
      this.#repository.deviceGroups(scope, new Date(now - OFFLINE_AFTER_MS)),
      this.#repository.connectionCounts(scope),
      this.#repository.bytesSinceDay(scope, new Date(now)),
      this.#repository.rotationsSinceDay(scope, new Date(now)),
    ]);
    const devices = { total: 0, online: 0, reconnecting: 0, offline: 0 };
    for (const { recent, count, ...signs } of groups) {
      devices.total += count;
      devices[deviceStatus({ ...signs, lastSeenAt: recent ? new Date(now) : null }, now)] += count;
    }
    return { devices, connections, today, rotations };
  }

  /** Connections and traffic of today (UTC) of each device that has any. */
  async byDevice(scope: Scope): Promise<DeviceTotals[]> {
    const [connections, today] = await Promise.all([
      this.#repository.connectionsByDevice(scope),
      this.#repository.bytesByDeviceSinceDay(scope, new Date(this.#clock.now())),
    ]);
    const totals = new Map<string, DeviceTotals>();
    for (const { deviceId, count } of connections) {
      totals.set(deviceId, { deviceId, connections: count, bytesUpToday: 0, bytesDownToday: 0 });
    }
    for (const { deviceId, bytesUp, bytesDown } of today) {
      const connected = totals.get(deviceId)?.connections ?? 0;
      totals.set(deviceId, {
        ...{ deviceId, connections: connected },
        ...{ bytesUpToday: bytesUp, bytesDownToday: bytesDown },
      });
    }
    return [...totals.values()];
  }
}
