import { and, count, eq, gt, isNull, type SQL } from 'drizzle-orm';
import type { Db } from './database.ts';
import { devices, pairingCodes, relays } from './schema.ts';
import { afterCursor, inScope, type Page, type PageRequest, pageOf, type Scope } from './scope.ts';

/** Never leaves the server with its hash. */
export type PairingCodeRecord = Omit<typeof pairingCodes.$inferSelect, 'codeHash' | 'usedBy'>;

/** Where a phone is told to go. */
export interface RelayAddress {
  readonly id: string;
  readonly publicHost: string;
  readonly tunnelPort: number;
  readonly caFingerprint: string;
}

const COLUMNS = {
  id: pairingCodes.id,
  organizationId: pairingCodes.organizationId,
  relayId: pairingCodes.relayId,
  name: pairingCodes.name,
  deviceId: pairingCodes.deviceId,
  expiresAt: pairingCodes.expiresAt,
  usedAt: pairingCodes.usedAt,
  createdBy: pairingCodes.createdBy,
  createdAt: pairingCodes.createdAt,
};

const RELAY = {
  id: relays.id,
  publicHost: relays.publicHost,
  tunnelPort: relays.tunnelPort,
  caFingerprint: relays.caFingerprint,
};

export class PairingCodeRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async list(scope: Scope, page: PageRequest): Promise<Page<PairingCodeRecord>> {
    const rows = await this.#select(
      inScope(scope, pairingCodes.organizationId),
      afterCursor(page, pairingCodes.id),
    )
      .orderBy(pairingCodes.id)
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  async byId(scope: Scope, id: string): Promise<PairingCodeRecord | null> {
    const [row] = await this.#select(inScope(scope, pairingCodes.organizationId), eq(pairingCodes.id, id));
    return row ?? null;
  }

  async create(values: typeof pairingCodes.$inferInsert): Promise<void> {
    await this.#db.insert(pairingCodes).values(values);
  }

  /** Takes back a code that nobody has used. Answers false when it was used or never there. */
  async deleteUnused(scope: Scope, id: string): Promise<boolean> {
    const gone = await this.#db
      .delete(pairingCodes)
      .where(
        and(
          eq(pairingCodes.id, id),
          isNull(pairingCodes.usedAt),
          inScope(scope, pairingCodes.organizationId),
        ),
      )
      .returning({ id: pairingCodes.id });
    return gone.length > 0;
  }

  /** The relay of a device, for pairing it anew: its ports are there. */
  async relayOfDevice(deviceId: string): Promise<RelayAddress | null> {
    const [row] = await this.#db
      .select(RELAY)
      .from(devices)
      .innerJoin(relays, eq(relays.id, devices.relayId))
      .where(eq(devices.id, deviceId));
    return row ?? null;
  }

  /** The relay with the fewest devices of those that gave a sign of life after `since`. */
  async relayForNewDevice(since: Date): Promise<RelayAddress | null> {
    const [row] = await this.#db
      .select(RELAY)
      .from(relays)
      .leftJoin(devices, eq(devices.relayId, relays.id))
      .where(gt(relays.heartbeatAt, since))
      .groupBy(relays.id)
      .orderBy(count(devices.id), relays.id)
      .limit(1);
    return row ?? null;
  }

  #select(...conditions: (SQL | undefined)[]) {
    return this.#db
      .select(COLUMNS)
      .from(pairingCodes)
      .where(and(...conditions))
      .$dynamic();
  }
}
