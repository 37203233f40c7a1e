import { and, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { notify } from './notify.ts';
import { connections, devices, relays } from './schema.ts';
import { afterCursor, inScope, type Page, type PageRequest, pageOf, type Scope } from './scope.ts';

/** A device as the API shows it. */
export type DeviceRecord = typeof devices.$inferSelect & { readonly relayHeartbeatAt: Date | null };

export type DeviceChanges = Partial<
  Pick<
    DeviceRecord,
    | 'name'
    | 'description'
    | 'organizationId'
    | 'allowPrivateDestinations'
    | 'autoRotateMinutes'
    | 'autoRotateJitterPercent'
    | 'rotationHoldSeconds'
    | 'rotationRetries'
    | 'rotationMinIntervalSeconds'
    | 'rotationWaitSeconds'
    | 'rotationUniqueHours'
    | 'nextRotationAt'
  >
>;

export type UpdateOutcome = 'updated' | 'not_found' | 'stale';

/** Devices as the control role sees them. */
export class DeviceRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async list(scope: Scope, page: PageRequest): Promise<Page<DeviceRecord>> {
    const rows = await this.#select(inScope(scope, devices.organizationId), afterCursor(page, devices.id))
      .orderBy(devices.id)
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  async byId(scope: Scope, id: string): Promise<DeviceRecord | null> {
    const [row] = await this.#select(inScope(scope, devices.organizationId), eq(devices.id, id));
    return row ?? null;
  }

  /** Those that still exist. */
  async byIds(ids: readonly string[]): Promise<DeviceRecord[]> {
    return ids.length === 0 ? [] : await this.#select(inArray(devices.id, [...ids]));
  }

  /**
   * With `expectedVersion` nothing is changed when it is another by now. `changesOf` is asked what to change with the
   * device locked: what it is told stays true until the change is stored.
   */
  async update(
    scope: Scope,
    id: string,
    changesOf: (before: typeof devices.$inferSelect) => DeviceChanges,
    expectedVersion?: number,
  ): Promise<UpdateOutcome> {
    return await this.#db.transaction(async (tx) => {
      const [before] = await tx
        .select()
        .from(devices)
        .where(and(eq(devices.id, id), inScope(scope, devices.organizationId)))
        .for('no key update');
      if (!before) return 'not_found';
      if (expectedVersion !== undefined && expectedVersion !== before.version) return 'stale';
      const changes = changesOf(before);
      await tx
        .update(devices)
        .set({ ...changes, version: sql`${devices.version} + 1`, updatedAt: sql`now()` })
        .where(eq(devices.id, id));
      // Relays hold copies of these two in their snapshots of the device's connections.
      if (changes.name !== undefined || changes.allowPrivateDestinations !== undefined) {
        const touched = await touchConnections(tx, id);
        await notify(
          tx,
          touched.map((connectionId) => ({ type: 'connection.changed', id: connectionId })),
        );
      }
      await notify(tx, [{ type: 'device.changed', id }]);
      return 'updated';
    });
  }

  /** Deletes the device and its connections, and ends its sessions. Answers false when there is no such device. */
  async delete(scope: Scope, id: string): Promise<boolean> {
    return await this.#db.transaction(async (tx) => {
      // Locks the device first: nobody adds a connection from here on.
      const [device] = await tx
        .select({ id: devices.id })
        .from(devices)
        .where(and(eq(devices.id, id), inScope(scope, devices.organizationId)))
        .for('update');
      if (!device) return false;
      await lockConnections(tx, id);
      const gone = await tx
        .delete(connections)
        .where(eq(connections.deviceId, id))
        .returning({ id: connections.id });
      await tx.delete(devices).where(eq(devices.id, id));
      await notify(tx, [
        { type: 'device.revoked', id },
        { type: 'device.changed', id },
        ...gone.map((row) => ({ type: 'connection.changed' as const, id: row.id })),
      ]);
      return true;
    });
  }

  #select(...conditions: (SQL | undefined)[]) {
    return this.#db
      .select({ ...getTableColumns(devices), relayHeartbeatAt: relays.heartbeatAt })
      .from(devices)
      .leftJoin(relays, eq(relays.id, devices.connectedRelayId))
      .where(and(...conditions))
      .$dynamic();
  }
}

/** In the order of ids, as everybody locks many rows: two writers can then never wait for each other. */
async function lockConnections(tx: Pick<Db, 'select'>, deviceId: string): Promise<void> {
  await tx
    .select({ id: connections.id })
    .from(connections)
    .where(eq(connections.deviceId, deviceId))
    .orderBy(connections.id)
    .for('update');
}

async function touchConnections(tx: Pick<Db, 'execute'>, deviceId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    with locked as (select id from connections where device_id = ${deviceId} order by id for no key update)
    update connections set version = version + 1, updated_at = now()
    from locked where connections.id = locked.id returning connections.id`);
  return rows.map((row) => row.id);
}
