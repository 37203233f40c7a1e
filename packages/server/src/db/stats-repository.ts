import { and, count, eq, gte, sql, sum } from 'drizzle-orm';
import type { DeviceSigns } from '../domain/device-status.ts';
import type { Db } from './database.ts';
import { connections, devices, relays, usageHourly } from './schema.ts';
import { inScope, type Scope } from './scope.ts';

/** Sums for the overview. */
export class StatsRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async deviceSigns(scope: Scope): Promise<DeviceSigns[]> {
    return await this.#db
      .select({
        connectedRelayId: devices.connectedRelayId,
        relayHeartbeatAt: relays.heartbeatAt,
        lastSeenAt: devices.lastSeenAt,
      })
      .from(devices)
      .leftJoin(relays, eq(relays.id, devices.connectedRelayId))
      .where(inScope(scope, devices.organizationId));
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

  async bytesSince(scope: Scope, since: Date): Promise<{ bytesUp: number; bytesDown: number }> {
    const [row] = await this.#db
      .select({
        bytesUp: sum(usageHourly.bytesUp).mapWith(Number),
        bytesDown: sum(usageHourly.bytesDown).mapWith(Number),
      })
      .from(usageHourly)
      .where(and(gte(usageHourly.hour, since), inScope(scope, usageHourly.organizationId)));
    return { bytesUp: row?.bytesUp ?? 0, bytesDown: row?.bytesDown ?? 0 };
  }
}
