import { and, count, eq, gte, sql, sum } from 'drizzle-orm';
import type { Db } from './database.ts';
import { connections, devices, relays, usageDaily } from './schema.ts';
import { inScope, type Scope } from './scope.ts';

/** Devices that have the same status. */
export interface DeviceGroup {
  readonly connectedRelayId: string | null;
  readonly relayHeartbeatAt: Date | null;
  readonly recent: boolean;
  readonly count: number;
}

/** Sums for the overview. */
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
}
