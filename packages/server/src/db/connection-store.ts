import { and, eq, type SQL } from 'drizzle-orm';
import type { Connection } from '../domain/connection.ts';
import type { ConnectionStore } from '../domain/stores.ts';
import type { Db } from './database.ts';
import { connections, devices } from './schema.ts';

/** Connections as one relay's data path sees them: only those whose port is on this relay. */
export class PostgresConnectionStore implements ConnectionStore {
  readonly #db: Db;
  readonly #relayId: string;

  constructor(db: Db, relayId: string) {
    this.#db = db;
    this.#relayId = relayId;
  }

  async all(): Promise<Connection[]> {
    return await this.#select();
  }

  async byId(id: string): Promise<Connection | null> {
    const [connection] = await this.#select(eq(connections.id, id));
    return connection ?? null;
  }

  async #select(condition?: SQL): Promise<Connection[]> {
    const rows = await this.#db
      .select({
        connection: connections,
        device: { name: devices.name, allowPrivateDestinations: devices.allowPrivateDestinations },
      })
      .from(connections)
      .innerJoin(devices, eq(devices.id, connections.deviceId))
      .where(and(eq(connections.relayId, this.#relayId), condition));
    return rows.map((row) => snapshotOf(row.connection, row.device));
  }
}

function snapshotOf(
  row: typeof connections.$inferSelect,
  device: Pick<typeof devices.$inferSelect, 'name' | 'allowPrivateDestinations'>,
): Connection {
  return {
    id: row.id,
    organizationId: row.organizationId,
    deviceId: row.deviceId,
    deviceName: device.name,
    name: row.name,
    port: row.port,
    username: row.username,
    credential: { scheme: row.credentialScheme, hash: row.credentialHash },
    enabled: row.enabled,
    expiresAt: row.expiresAt,
    allowlist: row.allowlist,
    quotaBytes: row.quotaBytes,
    quotaPeriodStart: row.quotaPeriodStart,
    usedBytes: row.usedBytes,
    countedUp: row.countedUp,
    countedDown: row.countedDown,
    speedLimitMbps: row.speedLimitMbps,
    maxFlows: row.maxFlows,
    version: row.version,
    allowPrivateDestinations: device.allowPrivateDestinations,
  };
}
