import {
  type NotificationChannelView,
  type NotificationDeliveryView,
  notificationEventSchema,
} from '@pocketproxy/protocol/api';
import type { ChannelRecord, DeliveryRecord } from '../services/notifications/channels.ts';

/** A channel without its secret. */
export function channelView(row: ChannelRecord): NotificationChannelView {
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    target: row.target,
    events: notificationEventSchema.options.filter((event) => row.events.includes(event)),
    enabled: row.enabled,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
}

/** A channel as the audit log keeps it: paths of webhooks are often secrets, so of a URL only the origin. */
export function auditedChannel(row: ChannelRecord): NotificationChannelView {
  const view = channelView(row);
  return row.type === 'webhook' ? { ...view, target: new URL(row.target).origin } : view;
}

export function deliveryView(row: DeliveryRecord): NotificationDeliveryView {
  return {
    id: row.id,
    event: row.event,
    status: row.status,
    attempts: row.attempts,
    lastError: row.lastError,
    createdAt: row.createdAt.toISOString(),
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
  };
}
