import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { RelayRegistration, RelayStore } from '../domain/stores.ts';
import type { VpnStatus } from '../domain/vpn.ts';
import type { Db } from './database.ts';
import { relays } from './schema.ts';

export class PostgresRelayStore implements RelayStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async register(relay: RelayRegistration): Promise<void> {
    const row = {
      publicHost: relay.publicHost,
      tunnelPort: relay.tunnelPort,
      firstPort: relay.portRange.first,
      lastPort: relay.portRange.last,
      caFingerprint: relay.caFingerprint,
      heartbeatAt: relay.at,
    };
    await this.#db
      .insert(relays)
      .values({ id: relay.id, createdAt: relay.at, ...row })
      .onConflictDoUpdate({ target: relays.id, set: row });
  }

  async forgetLastRun(id: string): Promise<void> {
    await this.#db.transaction(async (tx) => {
      // In the order of ids, as everybody locks many rows: two writers can then never wait for each other.
      await tx.execute(sql`
        with locked as (select id from devices where connected_relay_id = ${id} order by id for no key update)
        update devices set connected_relay_id = null from locked where devices.id = locked.id`);
      await tx.execute(sql`
        with locked as (
          select id from connections where relay_id = ${id} and open_flows <> 0 order by id for no key update
        )
        update connections set open_flows = 0 from locked where connections.id = locked.id`);
    });
  }

  async heartbeat(id: string, at: Date): Promise<void> {
    await this.#db.update(relays).set({ heartbeatAt: at }).where(eq(relays.id, id));
  }

  async reportVpn(id: string, status: VpnStatus, caCertificate: string): Promise<void> {
    const on = status.state === 'on';
    await this.#db
      .update(relays)
      .set({
        caCertificate,
        vpnPort: on ? status.port : null,
        vpnProblem: on ? null : status.reason,
      })
      .where(eq(relays.id, id));
  }

  /** Why relays that gave a sign of life after `since` take no VPN clients; those that do are left out. */
  async vpnProblems(since: Date): Promise<string[]> {
    const rows = await this.#db
      .select({ problem: relays.vpnProblem })
      .from(relays)
      .where(and(gt(relays.heartbeatAt, since), isNull(relays.vpnPort)));
    return rows.map(({ problem }) => problem ?? 'the relay has not told yet');
  }

  /** Whether any relay gave a sign of life after `since`. */
  async anyAliveSince(since: Date): Promise<boolean> {
    const alive = await this.#db
      .select({ id: relays.id })
      .from(relays)
      .where(gt(relays.heartbeatAt, since))
      .limit(1);
    return alive.length > 0;
  }
}
