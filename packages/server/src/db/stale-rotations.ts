import { and, eq, sql } from 'drizzle-orm';
import { failed } from '../domain/rotation-rules.ts';
import type { Db } from './database.ts';
import { rotations } from './device-work-schema.ts';
import { finishRotation } from './rotation-end.ts';
import { devices } from './schema.ts';

/** A relay that lives decides within 20 s whether it can begin. */
const QUEUED_SECONDS = 120;
/** More than one attempt can take: the longest hold (120 s), registering, coming back and observing. */
const ATTEMPT_SECONDS = 300;
/** For storing, and for a relay that restarted. */
const MARGIN_SECONDS = 120;

/**
 * Fails rotations that no relay will end any more, because theirs is gone for good. Any number of processes may call
 * it. Answers how many it failed.
 */
export async function failStaleRotations(db: Db, newId: () => string, now: Date): Promise<number> {
  const at = now.toISOString();
  const stale = await db
    .select({ id: rotations.id, deviceId: rotations.deviceId, status: rotations.status })
    .from(rotations)
    .innerJoin(devices, eq(devices.id, rotations.deviceId))
    .where(
      and(
        sql`${rotations.status} in ('queued', 'running')`,
        sql`case ${rotations.status}
          when 'queued' then ${rotations.createdAt} + make_interval(secs => ${QUEUED_SECONDS})
          else coalesce(${rotations.startedAt}, ${rotations.createdAt}) +
            make_interval(secs => (${devices.rotationRetries} + 1) * ${ATTEMPT_SECONDS} + ${MARGIN_SECONDS})
        end < ${at}::timestamptz`,
      ),
    );
  let count = 0;
  for (const rotation of stale) {
    const result = failed(rotation.status === 'queued' ? 'device_offline' : 'phone_lost');
    const end = { result, at: now, learnedHoldSeconds: null };
    if (await db.transaction((tx) => finishRotation(tx, newId, rotation, end))) count += 1;
  }
  return count;
}
