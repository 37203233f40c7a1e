import {
  createdNotificationChannelSchema,
  createNotificationChannelBodySchema,
  idParamsSchema,
  listNotificationChannelsQuerySchema,
  notificationChannelSchema,
  notificationDeliverySchema,
  notificationTestSchema,
  pageQuerySchema,
  pageSchema,
  updateNotificationChannelBodySchema,
} from '@pocketproxy/protocol/api';
import { z } from 'zod';
import type { Idempotency } from '../services/idempotency.ts';
import type { ChannelRecord, NotificationChannels } from '../services/notifications/channels.ts';
import { scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api, AuditedChange } from './api.ts';
import { namedBy } from './audit-trail.ts';
import { expectedVersion, setVersion } from './conditional.ts';
import { createOnce } from './create-once.ts';
import { auditedChannel, channelView, deliveryView } from './notification-views.ts';

export interface NotificationRoutesOptions {
  readonly channels: NotificationChannels;
  readonly idempotency: Idempotency;
}

const tags = ['notifications'];
const params = idParamsSchema;
/** Each test is a message to somebody. */
const TEST_RATE = { max: 10, timeWindow: '1 minute' };

/** Where people are told of what happens. */
export function notificationRoutes(app: Api, options: NotificationRoutesOptions): void {
  const { channels, idempotency } = options;

  app.post(
    '/notification-channels',
    {
      config: { permission: 'notifications:write', audit: 'notification_channel.create' },
      schema: {
        tags,
        summary: 'Make a channel; the secret of a webhook is shown this once',
        body: createNotificationChannelBodySchema,
        response: { 201: createdNotificationChannelSchema },
      },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const { organizationId } = principalOf(request);
        const { channel, secret } = await channels.create(organizationId, request.body);
        setVersion(reply, channel);
        request.audited.push(changeOf(channel, null, auditedChannel(channel)));
        return { ...channelView(channel), secret };
      }),
  );

  app.get(
    '/notification-channels',
    {
      config: { permission: 'notifications:read' },
      schema: {
        tags,
        querystring: listNotificationChannelsQuerySchema,
        response: { 200: pageSchema(notificationChannelSchema) },
      },
    },
    async (request) => {
      const page = await channels.list(scopeOf(principalOf(request)), request.query);
      return { ...page, items: page.items.map(channelView) };
    },
  );

  app.get(
    '/notification-channels/:id',
    {
      config: { permission: 'notifications:read' },
      schema: { tags, params, response: { 200: notificationChannelSchema } },
    },
    async (request, reply) => {
      const channel = await channels.get(scopeOf(principalOf(request)), request.params.id);
      setVersion(reply, channel);
      return channelView(channel);
    },
  );

  app.patch(
    '/notification-channels/:id',
    {
      config: { permission: 'notifications:write', audit: 'notification_channel.update' },
      schema: {
        tags,
        params,
        body: updateNotificationChannelBodySchema,
        response: { 200: notificationChannelSchema },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const scope = scopeOf(principalOf(request));
      const old = await channels.get(scope, request.params.id);
      const now = await channels.update(scope, old.id, body, expectedVersion(request));
      setVersion(reply, now);
      const before = namedBy(body, auditedChannel(old));
      const replaced = body.secret === undefined ? {} : { secret: 'replaced' };
      request.audited.push(changeOf(now, before, { ...namedBy(body, auditedChannel(now)), ...replaced }));
      return channelView(now);
    },
  );

  app.delete(
    '/notification-channels/:id',
    {
      config: { permission: 'notifications:write', audit: 'notification_channel.delete' },
      schema: { tags, params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const scope = scopeOf(principalOf(request));
      const channel = await channels.get(scope, request.params.id);
      await channels.delete(scope, channel.id);
      request.audited.push(changeOf(channel, auditedChannel(channel), null));
      return reply.code(204).send();
    },
  );

  channelMessages(app, options);
}

function channelMessages(app: Api, { channels }: NotificationRoutesOptions): void {
  app.post(
    '/notification-channels/:id/test',
    {
      config: { permission: 'notifications:write', audit: false, rateLimit: TEST_RATE },
      schema: {
        tags,
        summary: 'Send a message now, and tell what became of it',
        params,
        response: { 200: notificationTestSchema },
      },
    },
    async (request) => await channels.test(scopeOf(principalOf(request)), request.params.id),
  );

  app.get(
    '/notification-channels/:id/deliveries',
    {
      config: { permission: 'notifications:read' },
      schema: {
        tags,
        summary: 'Messages of the last 30 days, newest first',
        params,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(notificationDeliverySchema) },
      },
    },
    async (request) => {
      const scope = scopeOf(principalOf(request));
      const page = await channels.history(scope, request.params.id, request.query);
      return { ...page, items: page.items.map(deliveryView) };
    },
  );
}

function changeOf(channel: ChannelRecord, before: object | null, after: object | null): AuditedChange {
  const { id, organizationId } = channel;
  return { organizationId, targetType: 'notification_channel', targetId: id, before, after };
}
