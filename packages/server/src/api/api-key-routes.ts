import {
  type ApiKeyView,
  apiKeySchema,
  createApiKeyBodySchema,
  createdApiKeySchema,
  idParamsSchema,
  pageQuerySchema,
  pageSchema,
} from '@pocketproxy/protocol/api';
import { z } from 'zod';
import type { ApiKeyRecord, ApiKeys } from '../services/api-keys.ts';
import type { Idempotency } from '../services/idempotency.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { createOnce } from './create-once.ts';

export interface ApiKeyRoutesOptions {
  readonly apiKeys: ApiKeys;
  readonly idempotency: Idempotency;
}

const tags = ['API keys'];

/** Bearer tokens of programs. Everybody sees their own, administrators all. */
export function apiKeyRoutes(app: Api, { apiKeys, idempotency }: ApiKeyRoutesOptions): void {
  app.get(
    '/api-keys',
    {
      config: { permission: 'api-keys:read' },
      schema: { tags, querystring: pageQuerySchema, response: { 200: pageSchema(apiKeySchema) } },
    },
    async (request) => {
      const page = await apiKeys.list(principalOf(request), request.query);
      return { ...page, items: page.items.map(apiKeyView) };
    },
  );

  app.post(
    '/api-keys',
    {
      config: { permission: 'api-keys:write', audit: 'api_key.create' },
      schema: { tags, body: createApiKeyBodySchema, response: { 201: createdApiKeySchema } },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const { record, key } = await apiKeys.create(principalOf(request), request.body);
        const view = apiKeyView(record);
        request.audited.push({ ...targetOf(record), before: null, after: view });
        return { ...view, key };
      }),
  );

  app.get(
    '/api-keys/:id',
    {
      config: { permission: 'api-keys:read' },
      schema: { tags, params: idParamsSchema, response: { 200: apiKeySchema } },
    },
    async (request) => apiKeyView(await apiKeys.get(principalOf(request), request.params.id)),
  );

  app.delete(
    '/api-keys/:id',
    {
      config: { permission: 'api-keys:write', audit: 'api_key.delete' },
      schema: { tags, params: idParamsSchema, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const gone = await apiKeys.delete(principalOf(request), request.params.id);
      request.audited.push({ ...targetOf(gone), before: apiKeyView(gone), after: null });
      return reply.code(204).send();
    },
  );
}

function apiKeyView(row: ApiKeyRecord): ApiKeyView {
  const { id, name, keyHint, userId, scopes, expiresAt, lastUsedAt, createdAt } = row;
  return {
    ...{ id, name, userId, scopes, hint: keyHint },
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

function targetOf({ organizationId, id }: ApiKeyRecord) {
  return { organizationId, targetType: 'api_key', targetId: id } as const;
}
