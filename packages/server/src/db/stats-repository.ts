import type { StatsOverview } from '@pocketproxy/protocol/api';
import { and, count, eq, gte, sql, sum } from 'drizzle-orm';
import type { Db } from './database.ts';
import { rotations } from './device-work-schema.ts';
import { connections, devices, relays, usageDaily } from './schema.ts';
import { inScope, type Scope } from './scope.ts';

/** Devices that have the same status. */
export interface DeviceGroup {
  readonly connectedRelayId: string | null;
  readonly relayHeartbeatAt: Date | null;
  readonly recent: boolean;
  readonly count: number;
}

/** Sums for the overview and for the list of devices. */
export class StatsRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Devices by what decides their status; those that gave a sign of life after `since` apart from the others. */
  async deviceGroups(scope: Scope, since: Date): Promise<DeviceGroup[]> {
    const recent = sql<boolean>`coalesce(${devices.lastSeenAt} > ${since.toISOString()}::timestamptz, false)`;
    return await this.#db
      .select({
        connectedRelayId: devices.connectedRelayId,
        relayHeartbeatAt: relays.heartbeatAt,
        recent,
        count: count(),
      })
      .from(devices)
      .leftJoin(relays, eq(relays.id, devices.connectedRelayId))
      .where(inScope(scope, devices.organizationId))
      .groupBy(devices.connectedRelayId, relays.heartbeatAt, sql`3`);
  }

  async connectionCounts(scope: Scope): Promise<{ total: number; enabled: number }> {
    const [row] = await this.#db
      .select({
        total: count(),
        enabled: sql<number>`count(*) filter (where ${connections.enabled})`.mapWith(Number),
      })
      .from(connections)
      .where(inScope(scope, connections.organizationId));
    return row ?? { total: 0, enabled: 0 };
  }

  /** How rotations ended that ended on the day (UTC) that `at` is in. */
  async rotationsSinceDay(scope: Scope, at: Date): Promise<StatsOverview['rotations']> {
    const midnight = new Date(`${at.toISOString().slice(0, 10)}T00:00:00Z`);
    const ended = (status: 'succeeded' | 'unchanged' | 'failed') =>
      sql<number>`count(*) filter (where ${eq(rotations.status, status)})`.mapWith(Number);
    const [row] = await this.#db
      .select({
        succeeded: ended('succeeded'),
        unchanged: ended('unchanged'),
        failed: ended('failed'),
      })
      .from(rotations)
      .where(and(gte(rotations.finishedAt, midnight), inScope(scope, rotations.organizationId)));
    return row ?? { succeeded: 0, unchanged: 0, failed: 0 };
  }

  /** Of the day (UTC) that `at` is in, and of later ones should a relay's clock be ahead. */
  async bytesSinceDay(scope: Scope, at: Date): Promise<{ bytesUp: number; bytesDown: number }> {
    const usage = usageDaily;
    const [row] = await this.#db
      .select({
        bytesUp: sum(usage.bytesUp).mapWith(Number),
        bytesDown: sum(usage.bytesDown).mapWith(Number),
      })
      .from(usage)
      .where(and(gte(usage.day, at.toISOString().slice(0, 10)), inScope(scope, usage.organizationId)));
    return { bytesUp: row?.bytesUp ?? 0, bytesDown: row?.bytesDown ?? 0 };
  }

  async connectionsByDevice(scope: Scope): Promise<{ deviceId: string; count: number }[]> {
    return await this.#db
      .select({ deviceId: connections.deviceId, count: count() })
      .from(connections)
      .where(inScope(scope, connections.organizationId))
      .groupBy(connections.deviceId);
  }

  /** The same as `bytesSinceDay`, by device; those without traffic are left out. */
  async bytesByDeviceSinceDay(
    scope: Scope,
    at: Date,
  ): Promise<{ deviceId: string; bytesUp: number; bytesDown: number }[]> {
    const usage = usageDaily;
    return await this.#db
      .select({
        deviceId: usage.deviceId,
        bytesUp: sql<number>`sum(${usage.bytesUp})`.mapWith(Number),
        bytesDown: sql<number>`sum(${usage.bytesDown})`.mapWith(Number),
      })
      .from(usage)
      .where(and(gte(usage.day, at.toISOString().slice(0, 10)), inScope(scope, usage.organizationId)))
      .groupBy(usage.deviceId);
  }
}
