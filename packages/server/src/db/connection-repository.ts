import { and, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { notify } from './notify.ts';
import { lowestFreePort } from './port-allocation.ts';
import { beginPeriods, settleChangedQuota } from './quota-periods.ts';
import { connections, devices, relays } from './schema.ts';
import { afterCursor, inScope, type Page, type PageRequest, pageOf, type Scope } from './scope.ts';

/** A connection as the API shows it, with what is known of its relay. */
export type ConnectionRecord = typeof connections.$inferSelect & {
  readonly host: string;
  /** UDP port of the relay's OpenVPN, `null` when it is off, for the reason in `vpnProblem`. */
  readonly vpnPort: number | null;
  readonly vpnProblem: string | null;
  /** PEM; what clients of that relay trust. */
  readonly caCertificate: string | null;
  readonly relayHeartbeatAt: Date;
};

type Insert = typeof connections.$inferInsert;

export type NewConnection = Omit<
  Insert,
  'organizationId' | 'relayId' | 'port' | 'version' | 'usedBytes' | 'openFlows' | 'createdAt' | 'updatedAt'
> & {
  /** Of the device when left out. */
  readonly organizationId?: string | undefined;
};

export type ConnectionChanges = Partial<
  Pick<
    Insert,
    | 'name'
    | 'organizationId'
    | 'credentialScheme'
    | 'credentialHash'
    | 'enabled'
    | 'expiresAt'
    | 'allowlist'
    | 'quotaBytes'
    | 'quotaPeriod'
    | 'maxFlows'
    | 'quotaResetDay'
    | 'speedLimitMbps'
  >
> & {
  /** Begins counting towards the quota anew. */
  readonly resetUsage?: true;
};

export type CreateOutcome = 'created' | 'no_device' | 'no_port' | 'username_taken';

/** Connections as the control role sees them. Every change is told to relays by the transaction that makes it. */
export class ConnectionRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async list(
    scope: Scope,
    page: PageRequest & { readonly deviceId?: string | undefined },
  ): Promise<Page<ConnectionRecord>> {
    const rows = await this.#select(
      inScope(scope, connections.organizationId),
      page.deviceId === undefined ? undefined : eq(connections.deviceId, page.deviceId),
      afterCursor(page, connections.id),
    )
      .orderBy(connections.id)
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  async byId(scope: Scope, id: string): Promise<ConnectionRecord | null> {
    const [row] = await this.#select(inScope(scope, connections.organizationId), eq(connections.id, id));
    return row ?? null;
  }

  /** Those that still exist. */
  async byIds(ids: readonly string[]): Promise<ConnectionRecord[]> {
    return ids.length === 0 ? [] : await this.#select(inArray(connections.id, [...ids]));
  }

  /** Gives the connection a port of its device's relay. `avoid`: ports that the relay's host does not give. */
  async create(scope: Scope, values: NewConnection, avoid: readonly number[]): Promise<CreateOutcome> {
    return await this.#db.transaction(async (tx) => {
      const [device] = await tx
        .select({ organizationId: devices.organizationId, relayId: devices.relayId })
        .from(devices)
        .where(and(eq(devices.id, values.deviceId), inScope(scope, devices.organizationId)))
        .for('key share');
      if (!device) return 'no_device';
      const port = await lowestFreePort(tx, device.relayId, avoid);
      if (port === null) return 'no_port';
      const made = await tx
        .insert(connections)
        .values({
          ...values,
          ...{ relayId: device.relayId, port },
          organizationId: values.organizationId ?? device.organizationId,
        })
        .onConflictDoNothing({ target: connections.username })
        .returning({ id: connections.id });
      if (made.length === 0) return 'username_taken';
      await notify(tx, [{ type: 'connection.changed', id: values.id }]);
      return 'created';
    });
  }

  /** Moves a connection to another port, before anybody was told of the first. Answers false when none is free. */
  async movePort(id: string, avoid: readonly number[]): Promise<boolean> {
    return await this.#db.transaction(async (tx) => {
      const [row] = await tx
        .select({ relayId: connections.relayId })
        .from(connections)
        .where(eq(connections.id, id));
      const port = row ? await lowestFreePort(tx, row.relayId, avoid) : null;
      if (port === null) return false;
      await tx
        .update(connections)
        .set({ port, version: sql`${connections.version} + 1` })
        .where(eq(connections.id, id));
      await notify(tx, [{ type: 'connection.changed', id }]);
      return true;
    });
  }

  /** Answers the new version. With `expectedVersion` nothing is changed when it is another by now. */
  async update(
    scope: Scope,
    id: string,
    { resetUsage, ...changes }: ConnectionChanges,
    at: Date,
    expectedVersion?: number,
  ): Promise<{ readonly version: number } | 'not_found' | 'stale'> {
    return await this.#db.transaction(async (tx) => {
      const [changed] = await tx
        .update(connections)
        .set({
          ...changes,
          ...(resetUsage && usageFrom(at)),
          version: sql`${connections.version} + 1`,
          updatedAt: sql`now()`,
        })
        .where(
          and(
            eq(connections.id, id),
            inScope(scope, connections.organizationId),
            expectedVersion === undefined ? undefined : eq(connections.version, expectedVersion),
          ),
        )
        .returning({ version: connections.version });
      if (!changed) return (await this.byId(scope, id)) ? 'stale' : 'not_found';
      const { quotaBytes, quotaPeriod, quotaResetDay } = changes;
      if ([quotaBytes, quotaPeriod, quotaResetDay].some((value) => value !== undefined)) {
        await settleChangedQuota(tx, id, at);
      }
      await notify(tx, [{ type: 'connection.changed', id }]);
      return changed;
    });
  }

  /** Answers false when there is no such connection. What it used stays in the hourly table. */
  async delete(scope: Scope, id: string): Promise<boolean> {
    return await this.#db.transaction(async (tx) => {
      const gone = await tx
        .delete(connections)
        .where(and(eq(connections.id, id), inScope(scope, connections.organizationId)))
        .returning({ id: connections.id });
      await notify(
        tx,
        gone.map((row) => ({ type: 'connection.changed', id: row.id })),
      );
      return gone.length > 0;
    });
  }

  /** Begins a new day or month for connections whose quota counts by it. Answers how many. */
  async beginPeriods(at: Date): Promise<number> {
    return await this.#db.transaction(async (tx) => {
      const begun = await beginPeriods(tx, at);
      await notify(
        tx,
        begun.map((id) => ({ type: 'connection.changed', id })),
      );
      return begun.length;
    });
  }

  #select(...conditions: (SQL | undefined)[]) {
    return this.#db
      .select({
        ...getTableColumns(connections),
        host: relays.publicHost,
        vpnPort: relays.vpnPort,
        vpnProblem: relays.vpnProblem,
        caCertificate: relays.caCertificate,
        relayHeartbeatAt: relays.heartbeatAt,
      })
      .from(connections)
      .innerJoin(relays, eq(relays.id, connections.relayId))
      .where(and(...conditions))
      .$dynamic();
  }
}

/** A start of its own tells bytes that were counted before the reset, and arrive after it, from the others. */
function usageFrom(at: Date) {
  const start = sql`greatest(${at.toISOString()}::timestamptz, ${connections.quotaPeriodStart} + interval '1 ms')`;
  return { usedBytes: 0, quotaNotifiedPercent: 0, quotaPeriodStart: start };
}
