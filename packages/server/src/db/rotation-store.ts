import { and, eq, gte, inArray, or, type SQL, sql } from 'drizzle-orm';
import type {
  OpenRotation,
  RotationEnd,
  RotationRef,
  RotationStore,
  RunningStep,
} from '../domain/rotation.ts';
import type { Db } from './database.ts';
import { ipHistory, rotations } from './device-work-schema.ts';
import { addAddress } from './ip-history.ts';
import { notify } from './notify.ts';
import { finishRotation } from './rotation-end.ts';
import { devices } from './schema.ts';

/** Rotations of the devices whose relay this is. */
export class PostgresRotationStore implements RotationStore {
  readonly #db: Db;
  readonly #newId: () => string;

  constructor(db: Db, newId: () => string) {
    this.#db = db;
    this.#newId = newId;
  }

  async open(relayId: string): Promise<OpenRotation[]> {
    return await this.#select(relayId);
  }

  async openOf(relayId: string, deviceId: string): Promise<OpenRotation | null> {
    const [rotation] = await this.#select(relayId, eq(rotations.deviceId, deviceId));
    return rotation ?? null;
  }

  async begin(
    { id, deviceId }: RotationRef,
    { holdSeconds, observedIp, at }: Parameters<RotationStore['begin']>[1],
  ): Promise<{ readonly oldIp: string | null } | null> {
    return await this.#db.transaction(async (tx) => {
      const [device] = await tx
        .select({ organizationId: devices.organizationId, exitIp: devices.exitIp })
        .from(devices)
        .where(eq(devices.id, deviceId))
        .for('no key update');
      if (!device) return null;
      const oldIp = observedIp ?? device.exitIp;
      const claimed = await tx
        .update(rotations)
        .set({ status: 'running', step: 'radio', attempt: 1, holdSeconds, oldIp, startedAt: at })
        .where(and(eq(rotations.id, id), eq(rotations.status, 'queued')))
        .returning({ id: rotations.id });
      if (claimed.length === 0) return null;
      if (observedIp !== null && observedIp !== device.exitIp) {
        await tx.update(devices).set({ exitIp: observedIp, exitIpAt: at }).where(eq(devices.id, deviceId));
        await addAddress(tx, {
          ...{ id: this.#newId(), organizationId: device.organizationId, deviceId, at },
          ...{ ip: observedIp, previousIp: device.exitIp, trigger: 'natural' },
        });
      }
      await notify(tx, [{ type: 'rotation.changed', id, deviceId }]);
      return { oldIp };
    });
  }

  async retry(
    id: string,
    { attempt, holdSeconds }: { readonly attempt: number; readonly holdSeconds: number },
  ): Promise<boolean> {
    return await this.#progress(id, { step: 'radio', attempt, holdSeconds });
  }

  async reach(id: string, step: RunningStep): Promise<void> {
    await this.#progress(id, { step });
  }

  async hadAddress(deviceId: string, ip: string, since: Date): Promise<boolean> {
    const rows = await this.#db
      .select({ id: ipHistory.id })
      .from(ipHistory)
      .where(
        and(
          eq(ipHistory.deviceId, deviceId),
          gte(ipHistory.at, since),
          // A row says when the previous address was left, too.
          or(eq(ipHistory.ip, ip), eq(ipHistory.previousIp, ip)),
        ),
      )
      .limit(1);
    return rows.length > 0;
  }

  async finish(rotation: RotationRef, end: RotationEnd): Promise<boolean> {
    return await this.#db.transaction((tx) => finishRotation(tx, this.#newId, rotation, end));
  }

  async #progress(id: string, values: Partial<typeof rotations.$inferInsert>): Promise<boolean> {
    return await this.#db.transaction(async (tx) => {
      const changed = await tx
        .update(rotations)
        .set(values)
        .where(and(eq(rotations.id, id), eq(rotations.status, 'running')))
        .returning({ id: rotations.id, deviceId: rotations.deviceId });
      await notify(
        tx,
        changed.map((row) => ({ type: 'rotation.changed', ...row })),
      );
      return changed.length > 0;
    });
  }

  async #select(relayId: string, condition?: SQL): Promise<OpenRotation[]> {
    const rows = await this.#db
      .select({ rotation: rotations, device: devices })
      .from(rotations)
      .innerJoin(devices, eq(devices.id, rotations.deviceId))
      .where(and(inArray(rotations.status, ['queued', 'running']), eq(devices.relayId, relayId), condition))
      .orderBy(sql`${rotations.id}`);
    return rows.map(({ rotation, device }) => openRotationOf(rotation, device));
  }
}

function openRotationOf(
  row: typeof rotations.$inferSelect,
  device: typeof devices.$inferSelect,
): OpenRotation {
  return {
    id: row.id,
    deviceId: row.deviceId,
    status: row.status === 'running' ? 'running' : 'queued',
    trigger: row.trigger,
    attempt: row.attempt,
    holdSeconds: row.holdSeconds,
    oldIp: row.oldIp,
    settings: {
      holdSeconds: device.rotationHoldSeconds,
      learnedHoldSeconds: device.learnedHoldSeconds,
      retries: device.rotationRetries,
      waitSeconds: device.rotationWaitSeconds,
      uniqueHours: device.rotationUniqueHours,
    },
    exitIp: device.exitIp,
    exitIpAt: device.exitIpAt,
    lastSeenAt: device.lastSeenAt,
  };
}
