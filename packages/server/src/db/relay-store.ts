import { and, eq, gt, isNull, ne } from 'drizzle-orm';
import type { RelayRegistration, RelayStore } from '../domain/stores.ts';
import type { VpnStatus } from '../domain/vpn.ts';
import type { Db } from './database.ts';
import { connections, devices, relays } from './schema.ts';

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
    await this.#db.transaction(async (tx) => {
      await tx
        .insert(relays)
        .values({ id: relay.id, createdAt: relay.at, ...row })
        .onConflictDoUpdate({ target: relays.id, set: row });
      // What the last run of this relay left behind when it was killed.
      await tx.update(devices).set({ connectedRelayId: null }).where(eq(devices.connectedRelayId, relay.id));
      await tx
        .update(connections)
        .set({ openFlows: 0 })
        .where(and(eq(connections.relayId, relay.id), ne(connections.openFlows, 0)));
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
