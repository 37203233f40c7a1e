import { z } from 'zod';
import { nameSchema, pageQuerySchema, timeSchema } from './common.ts';

/** What people can be told of. */
export const notificationEventSchema = z.enum([
  'device.offline',
  'device.recovered',
  'device.paired',
  'quota.warning',
  'quota.exhausted',
  'rotation.failing',
  'agent.outdated',
]);
export type NotificationEvent = z.infer<typeof notificationEventSchema>;

export const channelTypeSchema = z.enum(['email', 'webhook']);
export type ChannelType = z.infer<typeof channelTypeSchema>;

/** Where messages go. The secret of a webhook is answered when the channel is made and never again. */
export const notificationChannelSchema = z.object({
  id: z.uuid(),
  type: channelTypeSchema,
  name: z.string(),
  /** An e-mail address or a URL. */
  target: z.string(),
  events: z.array(notificationEventSchema),
  enabled: z.boolean(),
  /** Grows with every change; also the `ETag`. */
  version: z.number().int(),
  createdAt: timeSchema,
});
export type NotificationChannelView = z.infer<typeof notificationChannelSchema>;

/** `secret`: what webhook messages are signed with; `null` for e-mail. */
export const createdNotificationChannelSchema = notificationChannelSchema.extend({
  secret: z.string().nullable(),
});
export type CreatedNotificationChannel = z.infer<typeof createdNotificationChannelSchema>;

const WEBHOOK_SECRET_PREFIX = 'whsec_';

/** Key bytes of a secret in the spelling of Standard Webhooks, or `null` when it is none. */
export function webhookSecretKey(secret: string): Uint8Array | null {
  if (!secret.startsWith(WEBHOOK_SECRET_PREFIX)) return null;
  const text = secret.slice(WEBHOOK_SECRET_PREFIX.length);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : null;
}

/** The secret that stands for `key`, which has 24 to 64 bytes. */
export function webhookSecretOf(key: Uint8Array): string {
  return `${WEBHOOK_SECRET_PREFIX}${btoa(String.fromCharCode(...key))}`;
}

const secret = z
  .string()
  .refine(
    (text) => webhookSecretKey(text) !== null,
    'Expected whsec_ and the base64 of 24 to 64 random bytes; leave it out and one is made',
  );

/** Each event once, in the order of the list above. */
const events = z
  .array(notificationEventSchema)
  .min(1, 'Expected at least one event')
  .transform((list) => notificationEventSchema.options.filter((event) => list.includes(event)));

/** What target of a channel is wrong, and what would be right; `null` when nothing is. */
export function targetProblem(type: ChannelType, target: string): string | null {
  if (type === 'email') return z.email().safeParse(target).success ? null : 'Expected an e-mail address';
  if (!URL.canParse(target) || !/^https?:\/\//i.test(target)) {
    return 'Expected a URL that begins with https:// or http://';
  }
  const { username, password, hash } = new URL(target);
  if (username !== '' || password !== '') return 'Expected a URL without user name and password';
  return hash === '' ? null : 'Expected a URL without a fragment (#)';
}

const target = z.string().trim().max(2000);

export const createNotificationChannelBodySchema = z
  .strictObject({
    type: channelTypeSchema,
    name: nameSchema,
    target,
    /** For webhooks; made up when left out. */
    secret: secret.optional(),
    events,
    enabled: z.boolean().default(true),
  })
  .superRefine((body, context) => {
    const problem = targetProblem(body.type, body.target);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['target'], message: problem });
    if (body.type === 'email' && body.secret !== undefined) {
      const message = 'E-mail is not signed: leave it out';
      context.addIssue({ code: 'custom', path: ['secret'], message });
    }
  });
export type CreateNotificationChannelBody = z.infer<typeof createNotificationChannelBodySchema>;

export const updateNotificationChannelBodySchema = z
  .strictObject({ name: nameSchema, target, secret, events, enabled: z.boolean() })
  .partial();
export type UpdateNotificationChannelBody = z.infer<typeof updateNotificationChannelBodySchema>;

export const listNotificationChannelsQuerySchema = pageQuerySchema;

/** What became of a message that was sent for trying the channel. */
export const notificationTestSchema = z.object({
  delivered: z.boolean(),
  /** Why it was not delivered, in words. */
  error: z.string().nullable(),
  durationMs: z.number().int(),
});
export type NotificationTestView = z.infer<typeof notificationTestSchema>;

/** One message to one channel; kept for 30 days. */
export const notificationDeliverySchema = z.object({
  /** Also the `webhook-id` of the message. */
  id: z.uuid(),
  /** One of the events, or `channel.test`. */
  event: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.number().int(),
  /** Of the last attempt that failed. */
  lastError: z.string().nullable(),
  createdAt: timeSchema,
  /** While it is pending: when it is tried (again). */
  nextAttemptAt: timeSchema.nullable(),
  deliveredAt: timeSchema.nullable(),
});
export type NotificationDeliveryView = z.infer<typeof notificationDeliverySchema>;
