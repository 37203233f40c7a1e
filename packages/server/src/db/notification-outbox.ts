import { randomUUIDv7 } from 'node:crypto';
import type { NotificationEvent } from '@pocketproxy/protocol/api';
import { and, eq, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { notificationChannels, notificationDeliveries } from './notification-schema.ts';
import { notify } from './notify.ts';

/** Something that people may want to be told of. */
export interface NotableEvent {
  readonly organizationId: string;
  readonly event: NotificationEvent;
  /** The same for every process that notices the same thing: each channel is told once. */
  readonly dedupeKey: string;
  readonly at: Date;
  /** What the message says, by the names that webhooks get. No secrets. */
  readonly payload: Record<string, unknown>;
}

/**
 * Queues a message for each channel of the organization that wants to know, as part of the transaction that makes the
 * thing happen: there is no message without the event and no event without its message.
 */
export async function queueNotification(
  tx: Pick<Db, 'select' | 'insert' | 'execute'>,
  { organizationId, event, dedupeKey, at, payload }: NotableEvent,
): Promise<void> {
  const channels = await tx
    .select({ id: notificationChannels.id })
    .from(notificationChannels)
    .where(
      and(
        eq(notificationChannels.organizationId, organizationId),
        notificationChannels.enabled,
        sql`${event} = any(${notificationChannels.events})`,
      ),
    );
  if (channels.length === 0) return;
  await tx
    .insert(notificationDeliveries)
    .values(
      channels.map(({ id }) => ({
        ...{ id: randomUUIDv7(), organizationId, channelId: id, event, dedupeKey },
        ...{ payload: { ...payload, event, at: at.toISOString() }, createdAt: at, nextAttemptAt: at },
      })),
    )
    .onConflictDoNothing();
  await notify(tx, [{ type: 'notification.queued' }]);
}
