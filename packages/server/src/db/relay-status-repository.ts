import { count, eq, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { connections, relays } from './schema.ts';

/** What is known of a relay. */
export interface RelayRecord {
  readonly id: string;
  readonly publicHost: string;
  readonly tunnelPort: number;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly usedPorts: number;
  readonly vpnPort: number | null;
  readonly vpnProblem: string | null;
  readonly heartbeatAt: Date;
}

/** Relays as those who run them see them. */
export class RelayStatusRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Every relay that ever was, the oldest first. */
  async relays(): Promise<RelayRecord[]> {
    const { id, publicHost, tunnelPort, firstPort, lastPort, vpnPort, vpnProblem, heartbeatAt } = relays;
    return await this.#db
      .select({
        ...{ id, publicHost, tunnelPort, firstPort, lastPort, vpnPort, vpnProblem, heartbeatAt },
        usedPorts: count(connections.id),
      })
      .from(relays)
      .leftJoin(connections, eq(connections.relayId, relays.id))
      .groupBy(relays.id)
      .orderBy(relays.createdAt);
  }

  /** Of PostgreSQL, such as `18.1`. */
  async databaseVersion(): Promise<string> {
    const [row] = await this.#db.execute<{ version: string }>(
      sql`select current_setting('server_version') as version`,
    );
    return row?.version.split(' ')[0] ?? 'unknown';
  }
}
