import { and, eq, gt, inArray, ne, or, sql } from 'drizzle-orm';
import type { RotationEnd, RotationRef, RotationResult } from '../domain/rotation.ts';
import type { Db } from './database.ts';
import { commands, rotations } from './device-work-schema.ts';
import { addAddress } from './ip-history.ts';
import { queueNotification } from './notification-outbox.ts';
import { notify } from './notify.ts';
import { devices } from './schema.ts';

type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'execute'>;
type RotationRow = typeof rotations.$inferSelect;
type Device = Pick<typeof devices.$inferSelect, 'id' | 'organizationId' | 'name' | 'exitIp'>;

/** Rotations in a row that did not succeed, after which somebody is told. */
const FAILING_AFTER = 3;

/**
 * Ends an open rotation with everything that follows from it. Answers false, and changes nothing, when it had ended
 * already or its device is gone.
 */
export async function finishRotation(
  tx: Tx,
  newId: () => string,
  { id, deviceId }: RotationRef,
  end: RotationEnd,
): Promise<boolean> {
  // The device first, as everybody who locks both does.
  const [device] = await tx
    .select({
      id: devices.id,
      organizationId: devices.organizationId,
      name: devices.name,
      exitIp: devices.exitIp,
    })
    .from(devices)
    .where(eq(devices.id, deviceId))
    .for('no key update');
  if (!device) return false;
  const { status, reason, newIp } = end.result;
  const at = end.at.toISOString();
  const [rotation] = await tx
    .update(rotations)
    .set({
      ...{ status, step: 'finished', reason, newIp, finishedAt: end.at },
      durationMs: sql`greatest(0, extract(epoch from ${at}::timestamptz - coalesce(started_at, created_at)) * 1000)::int`,
    })
    .where(and(eq(rotations.id, id), inArray(rotations.status, ['queued', 'running'])))
    .returning();
  if (!rotation) return false;
  await storeDevice(tx, device, rotation, end);
  await storeAddress(tx, newId, device, rotation, end);
  const finished = await finishCommands(tx, rotation, end);
  if (status !== 'succeeded' && reason !== 'cancelled') await tellIfFailing(tx, device, rotation, end.at);
  await notify(tx, [
    { type: 'rotation.changed', id, deviceId },
    { type: 'device.changed', id: deviceId },
    ...finished.map((command) => ({ type: 'command.changed' as const, id: command.id, deviceId })),
  ]);
  return true;
}

async function storeDevice(tx: Tx, device: Device, rotation: RotationRow, end: RotationEnd): Promise<void> {
  const { newIp } = end.result;
  const changes = {
    ...(newIp !== null && { exitIp: newIp, exitIpAt: end.at }),
    // A rotation that never touched the radio does not keep the next one waiting.
    ...(rotation.attempt > 0 && { lastRotationAt: end.at }),
    ...(end.learnedHoldSeconds !== null && { learnedHoldSeconds: end.learnedHoldSeconds }),
  };
  if (Object.keys(changes).length > 0) await tx.update(devices).set(changes).where(eq(devices.id, device.id));
}

async function storeAddress(
  tx: Tx,
  newId: () => string,
  device: Device,
  rotation: RotationRow,
  { result, at }: RotationEnd,
): Promise<void> {
  if (result.newIp === null || result.newIp === rotation.oldIp) return;
  await addAddress(tx, {
    ...{ id: newId(), organizationId: device.organizationId, deviceId: device.id, at },
    ...{ ip: result.newIp, previousIp: rotation.oldIp, trigger: rotation.trigger },
    ...{ rotationId: rotation.id, durationMs: rotation.durationMs },
  });
}

/** Commands that asked for this rotation have its outcome. */
async function finishCommands(
  tx: Tx,
  rotation: RotationRow,
  { result, at }: RotationEnd,
): Promise<{ readonly id: string }[]> {
  return await tx
    .update(commands)
    .set({
      status: result.status === 'succeeded' ? 'succeeded' : 'failed',
      reason: result.reason,
      output: outputOf(rotation, result),
      sentAt: sql`coalesce(${commands.sentAt}, ${(rotation.startedAt ?? at).toISOString()}::timestamptz)`,
      finishedAt: at,
    })
    .where(
      and(
        eq(commands.deviceId, rotation.deviceId),
        inArray(commands.status, ['pending', 'sent']),
        eq(commands.type, 'rotate_ip'),
        sql`${commands.params}->>'rotationId' = ${rotation.id}`,
      ),
    )
    .returning({ id: commands.id });
}

function outputOf(rotation: RotationRow, { newIp }: RotationResult): string | null {
  if (newIp === null) return null;
  return newIp === rotation.oldIp ? `${newIp}, as before` : `${rotation.oldIp ?? 'unknown'} -> ${newIp}`;
}

/** Tells once per streak: the messages of one have the same key, the id of its first rotation. */
async function tellIfFailing(tx: Tx, device: Device, rotation: RotationRow, at: Date): Promise<void> {
  const ofDevice = eq(rotations.deviceId, device.id);
  const [success] = await tx
    .select({ id: rotations.id })
    .from(rotations)
    .where(and(ofDevice, eq(rotations.status, 'succeeded')))
    .orderBy(sql`${rotations.id} desc`)
    .limit(1);
  const streak = await tx
    .select({ id: rotations.id })
    .from(rotations)
    .where(
      and(
        ofDevice,
        inArray(rotations.status, ['unchanged', 'failed']),
        or(sql`${rotations.reason} is null`, ne(rotations.reason, 'cancelled')),
        success ? gt(rotations.id, success.id) : undefined,
      ),
    )
    .orderBy(rotations.id)
    .limit(FAILING_AFTER);
  if (streak.length < FAILING_AFTER) return;
  const { status, reason, trigger, oldIp } = rotation;
  await queueNotification(tx, {
    organizationId: device.organizationId,
    event: 'rotation.failing',
    dedupeKey: `rotation.failing:${streak[0]!.id}`,
    at,
    payload: {
      ...{ deviceId: device.id, deviceName: device.name, rotationId: rotation.id },
      ...{ status, reason, trigger, ip: oldIp, failures: streak.length },
    },
  });
}
