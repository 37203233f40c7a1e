import { z } from 'zod';
import { auditEntrySchema } from './audit-log.ts';
import { commandSchema } from './commands.ts';
import { timeSchema } from './common.ts';
import { connectionSchema } from './connections.ts';
import { deviceSchema } from './devices.ts';
import { notificationDeliverySchema } from './notifications.ts';
import { rotationSchema } from './rotations.ts';

const envelope = {
  /** To be sent as `since` when the connection is made again; opaque. */
  id: z.string(),
  at: timeSchema,
};

/** Things of which it is told only that they were made, changed or deleted: read them again. */
const changedSchema = z.object({ id: z.string() });

/** Messages of `WS /live`, server to client. */
export const liveEventSchema = z.discriminatedUnion('type', [
  /**
   * First message, and again when events could not be told to a client that is connected. `resumed` is false when some
   * are lost, since the one that was asked for or since the one before: read lists again.
   */
  z.object({ ...envelope, type: z.literal('live.ready'), data: z.object({ resumed: z.boolean() }) }),
  /** A device came, went, or was changed. */
  z.object({ ...envelope, type: z.literal('device.status'), data: deviceSchema }),
  /** A device reported. */
  z.object({ ...envelope, type: z.literal('device.telemetry'), data: deviceSchema }),
  z.object({ ...envelope, type: z.literal('device.deleted'), data: z.object({ id: z.uuid() }) }),
  z.object({ ...envelope, type: z.literal('rotation.updated'), data: rotationSchema }),
  z.object({ ...envelope, type: z.literal('command.updated'), data: commandSchema }),
  /**
   * Bytes of a connection were counted, or flows opened or ended; or it was made or changed: then `version` has grown,
   * read it again.
   */
  z.object({
    ...envelope,
    type: z.literal('connection.usage'),
    data: connectionSchema.pick({
      id: true,
      deviceId: true,
      status: true,
      usedBytes: true,
      usedSince: true,
      quotaBytes: true,
      openFlows: true,
      version: true,
    }),
  }),
  z.object({ ...envelope, type: z.literal('connection.deleted'), data: z.object({ id: z.uuid() }) }),
  /** An entry of the audit log was made. */
  z.object({ ...envelope, type: z.literal('audit.recorded'), data: auditEntrySchema }),
  /** Somebody who can sign in; by accepting an invitation, too, which is `accepted` then. */
  z.object({ ...envelope, type: z.literal('user.changed'), data: changedSchema }),
  z.object({ ...envelope, type: z.literal('invitation.changed'), data: changedSchema }),
  z.object({ ...envelope, type: z.literal('organization.changed'), data: changedSchema }),
  /** Told to its owner and to administrators. */
  z.object({ ...envelope, type: z.literal('api_key.changed'), data: changedSchema }),
  z.object({ ...envelope, type: z.literal('pairing_code.changed'), data: changedSchema }),
  z.object({ ...envelope, type: z.literal('rotation_link.changed'), data: changedSchema }),
  z.object({ ...envelope, type: z.literal('notification_channel.changed'), data: changedSchema }),
  /** A message was sent, or could not be. */
  z.object({
    ...envelope,
    type: z.literal('notification.delivery'),
    data: notificationDeliverySchema.extend({ channelId: z.uuid() }),
  }),
]);
export type LiveEvent = z.infer<typeof liveEventSchema>;

/** Protocol of the WebSocket. Browsers, which cannot send a header, offer a second one: `bearer.<token>`. */
export const LIVE_PROTOCOL = 'pocketproxy.live';
export const LIVE_TOKEN_PROTOCOL_PREFIX = 'bearer.';

/** Why the server ends the WebSocket (RFC 6455 section 7.4.2). */
export const LIVE_CLOSE_CODES = {
  /** The token is not valid any more: get a new one, and connect again with `since`. */
  unauthenticated: 4401,
  /** The client does not read as fast as events come. */
  tooSlow: 4408,
} as const;

export const liveQuerySchema = z.strictObject({
  /** Id of the last event that was seen. */
  since: z.string().max(100).optional(),
});
