import {
  createRotationLinkBodySchema,
  idParamsSchema,
  listRotationLinksQuerySchema,
  pageSchema,
  rotationLinkSchema,
} from '@pocketproxy/protocol/api';
import { z } from 'zod';
import type { Idempotency } from '../services/idempotency.ts';
import { requesterId, scopeOf } from '../services/permissions.ts';
import type { RotationLinks } from '../services/rotation-links.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { createOnce } from './create-once.ts';
import { rotationLinkView } from './views.ts';

export interface RotationLinkRoutesOptions {
  readonly rotationLinks: RotationLinks;
  readonly idempotency: Idempotency;
  /** Links begin with it. */
  readonly publicUrl: string;
}

const tags = ['rotation links'];
const params = idParamsSchema;

/** Administration of rotation links; `rotation-link-page.ts` answers who uses one. */
export function rotationLinkRoutes(
  app: Api,
  { rotationLinks, idempotency, publicUrl }: RotationLinkRoutesOptions,
): void {
  app.post(
    '/rotation-links',
    {
      config: { permission: 'rotation-links:write', audit: 'rotation_link.create' },
      schema: {
        tags,
        summary: 'Make a link; its complete URL is shown this once',
        body: createRotationLinkBodySchema,
        response: { 201: rotationLinkSchema },
      },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const principal = principalOf(request);
        const { link, token } = await rotationLinks.create(
          scopeOf(principal),
          request.body,
          requesterId(principal),
        );
        const after = rotationLinkView(link, publicUrl);
        request.audited.push({
          ...{ organizationId: link.organizationId, targetType: 'rotation_link', targetId: link.id },
          ...{ before: null, after },
        });
        return rotationLinkView(link, publicUrl, token);
      }),
  );

  app.get(
    '/rotation-links',
    {
      config: { permission: 'rotation-links:read' },
      schema: {
        tags,
        querystring: listRotationLinksQuerySchema,
        response: { 200: pageSchema(rotationLinkSchema) },
      },
    },
    async (request) => {
      const page = await rotationLinks.list(scopeOf(principalOf(request)), request.query);
      return { ...page, items: page.items.map((link) => rotationLinkView(link, publicUrl)) };
    },
  );

  app.get(
    '/rotation-links/:id',
    {
      config: { permission: 'rotation-links:read' },
      schema: { tags, params, response: { 200: rotationLinkSchema } },
    },
    async (request) => {
      const scope = scopeOf(principalOf(request));
      return rotationLinkView(await rotationLinks.get(scope, request.params.id), publicUrl);
    },
  );

  app.delete(
    '/rotation-links/:id',
    {
      config: { permission: 'rotation-links:write', audit: 'rotation_link.delete' },
      schema: { tags, params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const gone = await rotationLinks.revoke(scopeOf(principalOf(request)), request.params.id);
      request.audited.push({
        ...{ organizationId: gone.organizationId, targetType: 'rotation_link', targetId: gone.id },
        ...{ before: rotationLinkView(gone, publicUrl), after: null },
      });
      return reply.code(204).send();
    },
  );
}
