import type { RotationTrigger } from '@pocketproxy/protocol/api';
import { and, desc, eq, inArray, type SQL } from 'drizzle-orm';
import type { Db } from './database.ts';
import { ipHistory, rotations } from './device-work-schema.ts';
import { notify } from './notify.ts';
import { earliestRotation } from './rotation-schedule.ts';
import { devices } from './schema.ts';
import { beforeCursor, inScope, type Page, type PageRequest, pageOf, type Scope } from './scope.ts';

export type RotationRecord = typeof rotations.$inferSelect;
export type IpHistoryRecord = typeof ipHistory.$inferSelect;

/** Who wants a rotation, and why. */
export interface RotationRequest {
  /** Of the new row, if one is made. */
  readonly id: string;
  readonly deviceId: string;
  readonly trigger: RotationTrigger;
  /** Id of a user, an API key or a link; `null` for the schedule. */
  readonly requestedBy: string | null;
  readonly at: Date;
}

export type RequestOutcome =
  | { readonly outcome: 'made' | 'joined'; readonly rotation: RotationRecord }
  /** The device's minimum interval is not over. */
  | { readonly outcome: 'too_soon'; readonly until: Date }
  | { readonly outcome: 'no_device' };

const ACTIVE = ['queued', 'running'] as const;
type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'execute'>;

/** `made`: the rotation is new, not one that was under way. */
export type Within = (tx: Tx, rotation: RotationRecord, made: boolean) => Promise<void>;

/** Rotations as the control role sees them: it asks for them, a relay carries them out. */
export class RotationRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /**
   * Queues a rotation, or answers the one that is under way. `within`: further work of the same transaction, while
   * the rotation cannot end; what it throws undoes the request.
   */
  async request(
    scope: Scope,
    request: RotationRequest,
    within: Within = async () => {},
  ): Promise<RequestOutcome> {
    return await this.#db.transaction(async (tx) => {
      // Two requests for one device come after each other, and so does the end of its running rotation.
      const [device] = await tx
        .select({
          organizationId: devices.organizationId,
          lastRotationAt: devices.lastRotationAt,
          minIntervalSeconds: devices.rotationMinIntervalSeconds,
        })
        .from(devices)
        .where(and(eq(devices.id, request.deviceId), inScope(scope, devices.organizationId)))
        .for('no key update');
      if (!device) return { outcome: 'no_device' };
      const running = await activeRotation(tx, request.deviceId);
      if (running) {
        await within(tx, running, false);
        return { outcome: 'joined', rotation: running };
      }
      const until = earliestRotation(device);
      if (until > request.at) return { outcome: 'too_soon', until };
      const { id, deviceId, trigger, requestedBy, at } = request;
      const [rotation] = await tx
        .insert(rotations)
        .values({
          ...{ id, deviceId, trigger, requestedBy },
          organizationId: device.organizationId,
          createdAt: at,
        })
        .returning();
      await within(tx, rotation!, true);
      await notify(tx, [{ type: 'rotation.changed', id, deviceId }]);
      return { outcome: 'made', rotation: rotation! };
    });
  }

  async byId(scope: Scope, id: string): Promise<RotationRecord | null> {
    const [row] = await this.#select(inScope(scope, rotations.organizationId), eq(rotations.id, id));
    return row ?? null;
  }

  /** Those that still exist. */
  async byIds(ids: readonly string[]): Promise<RotationRecord[]> {
    return ids.length === 0 ? [] : await this.#select(inArray(rotations.id, [...ids]));
  }

  /** Those that have not ended yet: at most one of each device. */
  async underWay(scope: Scope): Promise<RotationRecord[]> {
    const conditions = [inScope(scope, rotations.organizationId), inArray(rotations.status, ACTIVE)];
    return await this.#select(...conditions).orderBy(rotations.id);
  }

  /** Newest first. */
  async ofDevice(scope: Scope, deviceId: string, page: PageRequest): Promise<Page<RotationRecord>> {
    const rows = await this.#select(
      inScope(scope, rotations.organizationId),
      eq(rotations.deviceId, deviceId),
      beforeCursor(page, rotations.id),
    )
      .orderBy(desc(rotations.id))
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  /** Addresses that the device had, newest first. */
  async ipHistory(scope: Scope, deviceId: string, limit: number): Promise<IpHistoryRecord[]> {
    return await this.#db
      .select()
      .from(ipHistory)
      .where(and(inScope(scope, ipHistory.organizationId), eq(ipHistory.deviceId, deviceId)))
      .orderBy(desc(ipHistory.at), desc(ipHistory.id))
      .limit(limit);
  }

  #select(...conditions: (SQL | undefined)[]) {
    return this.#db
      .select()
      .from(rotations)
      .where(and(...conditions))
      .$dynamic();
  }
}

async function activeRotation(db: Pick<Db, 'select'>, deviceId: string): Promise<RotationRecord | null> {
  const [row] = await db
    .select()
    .from(rotations)
    .where(and(eq(rotations.deviceId, deviceId), inArray(rotations.status, ACTIVE)));
  return row ?? null;
}
