import { randomUUIDv7 } from 'node:crypto';
import type { NotificationEvent } from '@pocketproxy/protocol/api';
import { and, eq, inArray, or } from 'drizzle-orm';
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

type Tx = Pick<Db, 'select' | 'insert' | 'execute'>;

/** A statement has at most 65,535 parameters, and a row ten. */
const ROWS_AT_ONCE = 1_000;

/**
 * Queues a message for each channel of the organization, or of the operator, that wants to know, as part of the
 * transaction that makes the thing happen: there is no message without the event and no event without its message.
 */
export async function queueNotification(tx: Tx, event: NotableEvent): Promise<void> {
  await queueNotifications(tx, [event]);
}

/** The same for many events at once, as when a relay with a thousand phones dies. */
export async function queueNotifications(tx: Tx, events: readonly NotableEvent[]): Promise<void> {
  if (events.length === 0) return;
  const organizations = [...new Set(events.map(({ organizationId }) => organizationId))];
  const channels = await tx
    .select({
      id: notificationChannels.id,
      organizationId: organization.id,
      slug: organization.slug,
      events: notificationChannels.events,
    })
    .from(notificationChannels)
    .innerJoin(organization, eq(organization.id, notificationChannels.organizationId))
    .where(
      and(
        or(inArray(organization.id, organizations), eq(organization.slug, DEFAULT_ORGANIZATION)),
        notificationChannels.enabled,
      ),
    );
  const rows = events.flatMap(({ organizationId, event, dedupeKey, at, payload }) =>
    channels
      .filter((channel) => channel.events.includes(event))
      .filter((channel) => channel.organizationId === organizationId || channel.slug === DEFAULT_ORGANIZATION)
      .map((channel) => ({
        ...{ id: randomUUIDv7(), organizationId: channel.organizationId, channelId: channel.id },
        ...{ event, dedupeKey, createdAt: at, nextAttemptAt: at },
        payload: { ...payload, event, at: at.toISOString() },
      })),
  );
  if (rows.length === 0) return;
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const some = rows.slice(start, start + ROWS_AT_ONCE);
    await tx.insert(notificationDeliveries).values(some).onConflictDoNothing();
  }
  await notify(tx, [{ type: 'notification.queued' }]);
}
