import { randomUUIDv7 } from 'node:crypto';
import type { NotificationEvent } from '@pocketproxy/protocol/api';
import { and, eq, or, sql } from 'drizzle-orm';
import { organization } from './auth-schema.ts';
import type { Db } from './database.ts';
import { notificationChannels, notificationDeliveries } from './notification-schema.ts';
import { notify } from './notify.ts';
import { DEFAULT_ORGANIZATION } from './user-rows.ts';

/** Something that people may want to be told of. */
export interface NotableEvent {
  readonly organizationId: string;
  readonly event: NotificationEvent;
  /** The same for every process that notices the same thing: each channel is told once. */
  readonly dedupeKey: string;
  readonly at: Date;
  /**
   * What the message says, by the names that webhooks get: `deviceId`, `deviceName`, `connectionId`, `connectionName`,
   * `usedBytes`, `quotaBytes`, `failures`, `reason`... (see services/notifications/words.ts). No secrets.
   */
  readonly payload: Record<string, unknown>;
}

/**
 * Queues a message for each channel of the organization, or of the operator, that wants to know, as part of the
 * transaction that makes the thing happen: there is no message without the event and no event without its message.
 */
export async function queueNotification(
  tx: Pick<Db, 'select' | 'insert' | 'execute'>,
  { organizationId, event, dedupeKey, at, payload }: NotableEvent,
): Promise<void> {
  const channels = await tx
    .select({ id: notificationChannels.id, organizationId: notificationChannels.organizationId })
    .from(notificationChannels)
    .innerJoin(organization, eq(organization.id, notificationChannels.organizationId))
    .where(
      and(
        or(eq(organization.id, organizationId), eq(organization.slug, DEFAULT_ORGANIZATION)),
        notificationChannels.enabled,
        sql`${event} = any(${notificationChannels.events})`,
      ),
    );
  if (channels.length === 0) return;
  await tx
    .insert(notificationDeliveries)
    .values(
      channels.map((channel) => ({
        ...{
          id: randomUUIDv7(),
          organizationId: channel.organizationId,
          channelId: channel.id,
          event,
          dedupeKey,
        },
        ...{ payload: { ...payload, event, at: at.toISOString() }, createdAt: at, nextAttemptAt: at },
      })),
    )
    .onConflictDoNothing();
  await notify(tx, [{ type: 'notification.queued' }]);
}
