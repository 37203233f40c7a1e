import { type RotationView, rotationSchema, waitQuerySchema } from '@pocketproxy/protocol/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { RotationLinks } from '../services/rotation-links.ts';
import { hasEnded } from '../services/rotations.ts';
import type { Api } from './api.ts';
import { rotationView } from './views.ts';

/** Calls of one address to any link. */
const RATE = { max: 300, timeWindow: '1 minute' };

const params = z.object({ token: z.string().min(1).max(200) });
/** What a customer may know of a rotation. */
const outcomeSchema = rotationSchema.pick({
  status: true,
  oldIp: true,
  newIp: true,
  reason: true,
  durationMs: true,
});
type Outcome = z.infer<typeof outcomeSchema>;

/**
 * Programs that fetch a link to show what is behind it: chat programs, search engines, scanners of mail. Nobody has
 * clicked then.
 */
const PREVIEWERS =
  /bot\b|crawl|spider|preview|facebookexternalhit|facebot|slack|telegram|whatsapp|discord|skype|viber|vkshare|embedly|mattermost|linkexpander|safelinks|google-pagerenderer|google-safety|bitlybot|snapchat|iframely/i;

/** `GET` and `POST /r/{token}`: rotates for who has the link. `HEAD` and previews of chat programs rotate nothing. */
export function rotationLinkPage(
  app: Api,
  { rotationLinks }: { readonly rotationLinks: RotationLinks },
): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/r/:token',
    exposeHeadRoute: false,
    config: { permission: 'public', audit: 'device.rotate', rateLimit: RATE },
    schema: {
      tags: ['rotation links'],
      summary: 'Rotate by link',
      security: [],
      params,
      querystring: waitQuerySchema,
      response: { 200: outcomeSchema, 202: outcomeSchema },
    },
    handler: async (request, reply) => {
      keepPrivate(reply);
      if (isPreview(request)) return preview(reply);
      const used = await rotationLinks.use(request.params.token);
      const { link } = used;
      request.actor = { type: 'link', id: link.id, name: link.name };
      request.audited.push({
        organizationId: link.organizationId,
        ...{ targetType: 'device', targetId: link.deviceId },
        ...{ before: null, after: { rotationId: used.rotation.id } },
      });
      const rotation = await rotationLinks.waitFor(used, request.query.waitSeconds);
      reply.code(hasEnded(rotation) ? 200 : 202);
      return outcomeOf(rotationView(rotation));
    },
  });

  app.head(
    '/r/:token',
    { config: { permission: 'public', rateLimit: RATE }, schema: { hide: true, params } },
    async (_request, reply) => {
      keepPrivate(reply);
      return reply.code(204).send();
    },
  );
}

function outcomeOf({ status, oldIp, newIp, reason, durationMs }: RotationView): Outcome {
  return { status, oldIp, newIp, reason, durationMs };
}

/** The address holds a secret: it belongs into no cache, no index and no `Referer`. */
function keepPrivate(reply: FastifyReply): void {
  reply
    .header('cache-control', 'no-store')
    .header('x-robots-tag', 'noindex, nofollow')
    .header('referrer-policy', 'no-referrer');
}

function isPreview({ method, headers }: FastifyRequest): boolean {
  if (method === 'POST') return false;
  const purpose = `${headers.purpose} ${headers['sec-purpose']} ${headers['x-purpose']} ${headers['x-moz']}`;
  return /prefetch|prerender|preview/i.test(purpose) || PREVIEWERS.test(headers['user-agent'] ?? '');
}

function preview(reply: FastifyReply): FastifyReply {
  const text = 'This link changes the address of a phone when a person opens it.\n';
  return reply.code(200).type('text/plain; charset=utf-8').serializer(String).send(text);
}
