import { randomUUIDv7 } from 'node:crypto';
import { and, asc, eq, isNotNull, lte } from 'drizzle-orm';
import { type DeviceSigns, deviceStatus } from '../domain/device-status.ts';
import type { Db } from './database.ts';
import { rotations } from './device-work-schema.ts';
import { notify } from './notify.ts';
import { devices, relays } from './schema.ts';

const BATCH = 500;

/** An automatic rotation that is due. */
interface DueDevice extends DeviceSigns {
  readonly id: string;
  readonly organizationId: string;
  readonly minutes: number | null;
  readonly jitterPercent: number;
  readonly lastRotationAt: Date | null;
  readonly minIntervalSeconds: number;
}

/** When automatic rotations are due. */
export class RotationSchedule {
  readonly #db: Db;
  readonly #random: () => number;

  /** `random`: uniform in [0, 1). */
  constructor(db: Db, random: () => number) {
    this.#db = db;
    this.#random = random;
  }

  /**
   * Queues what is due now and sets the next times, in one transaction: of several processes each device is one's.
   * A device that is not online, or rotates at this moment, is skipped until its next time; one whose minimum interval
   * is not over waits for its end. Answers how many were queued.
   */
  async run(now: Date): Promise<number> {
    return await this.#db.transaction(async (tx) => {
      const due = await tx
        .select({
          id: devices.id,
          organizationId: devices.organizationId,
          minutes: devices.autoRotateMinutes,
          jitterPercent: devices.autoRotateJitterPercent,
          lastRotationAt: devices.lastRotationAt,
          minIntervalSeconds: devices.rotationMinIntervalSeconds,
          connectedRelayId: devices.connectedRelayId,
          relayHeartbeatAt: relays.heartbeatAt,
          lastSeenAt: devices.lastSeenAt,
        })
        .from(devices)
        .leftJoin(relays, eq(relays.id, devices.connectedRelayId))
        .where(and(isNotNull(devices.nextRotationAt), lte(devices.nextRotationAt, now)))
        .orderBy(asc(devices.id))
        .limit(BATCH)
        .for('no key update', { of: devices, skipLocked: true });
      let queued = 0;
      for (const device of due) {
        const allowedAt = earliestRotation(device);
        const tooSoon = device.minutes !== null && allowedAt > now;
        const nextRotationAt = tooSoon ? allowedAt : nextRotation(device, now, this.#random);
        await tx.update(devices).set({ nextRotationAt }).where(eq(devices.id, device.id));
        if (tooSoon || device.minutes === null || deviceStatus(device, now.getTime()) !== 'online') continue;
        queued += await queueRotation(tx, device, now);
      }
      return queued;
    });
  }
}

/** The time of the next automatic rotation after one at `now`; `null` when the device has none. */
export function nextRotation(
  { minutes, jitterPercent }: { readonly minutes: number | null; readonly jitterPercent: number },
  now: Date,
  random: () => number,
): Date | null {
  if (minutes === null) return null;
  const shift = (random() * 2 - 1) * (jitterPercent / 100);
  return new Date(now.getTime() + Math.round(minutes * 60_000 * (1 + shift)));
}

/** The end of a device's minimum interval; in the past when it has none. */
export function earliestRotation({
  lastRotationAt,
  minIntervalSeconds,
}: Pick<DueDevice, 'lastRotationAt' | 'minIntervalSeconds'>): Date {
  return new Date((lastRotationAt?.getTime() ?? 0) + minIntervalSeconds * 1000);
}

/** Answers 1, or 0 when the device rotates already. */
async function queueRotation(
  tx: Pick<Db, 'insert' | 'execute'>,
  { id: deviceId, organizationId }: DueDevice,
  at: Date,
): Promise<number> {
  const made = await tx
    .insert(rotations)
    .values({ id: randomUUIDv7(), deviceId, organizationId, trigger: 'schedule', createdAt: at })
    .onConflictDoNothing()
    .returning({ id: rotations.id });
  await notify(
    tx,
    made.map(({ id }) => ({ type: 'rotation.changed', id, deviceId })),
  );
  return made.length;
}
