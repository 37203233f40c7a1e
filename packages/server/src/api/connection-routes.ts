import {
  bandwidthBucketSchema,
  bandwidthQuerySchema,
  changedPasswordSchema,
  changePasswordBodySchema,
  connectionSchema,
  createConnectionBodySchema,
  createdConnectionSchema,
  idParamsSchema,
  listConnectionsQuerySchema,
  pageSchema,
  updateConnectionBodySchema,
} from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import { z } from 'zod';
import type { Bandwidth } from '../services/bandwidth.ts';
import type { Connections } from '../services/connections.ts';
import type { Idempotency } from '../services/idempotency.ts';
import { scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { createOnce } from './create-once.ts';
import { connectionView } from './views.ts';

export interface ConnectionRoutesOptions {
  readonly connections: Connections;
  readonly bandwidth: Bandwidth;
  readonly idempotency: Idempotency;
  readonly clock: Clock;
}

const tags = ['connections'];
const params = idParamsSchema;

export function connectionRoutes(app: Api, options: ConnectionRoutesOptions): void {
  const { connections, idempotency, clock } = options;

  app.post(
    '/connections',
    {
      config: { permission: 'connections:write' },
      schema: { tags, body: createConnectionBodySchema, response: { 201: createdConnectionSchema } },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const made = await connections.create(scopeOf(principalOf(request)), request.body);
        return { ...connectionView(made.connection, clock.now()), password: made.password };
      }),
  );

  app.get(
    '/connections',
    {
      config: { permission: 'connections:read' },
      schema: {
        tags,
        querystring: listConnectionsQuerySchema,
        response: { 200: pageSchema(connectionSchema) },
      },
    },
    async (request) => {
      const page = await connections.list(scopeOf(principalOf(request)), request.query);
      return { ...page, items: page.items.map((row) => connectionView(row, clock.now())) };
    },
  );

  app.get(
    '/connections/:id',
    {
      config: { permission: 'connections:read' },
      schema: { tags, params, response: { 200: connectionSchema } },
    },
    async (request) => {
      const row = await connections.get(scopeOf(principalOf(request)), request.params.id);
      return connectionView(row, clock.now());
    },
  );

  app.patch(
    '/connections/:id',
    {
      config: { permission: 'connections:write' },
      schema: { tags, params, body: updateConnectionBodySchema, response: { 200: connectionSchema } },
    },
    async (request) => {
      const row = await connections.update(scopeOf(principalOf(request)), request.params.id, request.body);
      return connectionView(row, clock.now());
    },
  );

  app.delete(
    '/connections/:id',
    {
      config: { permission: 'connections:write' },
      schema: { tags, params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await connections.delete(scopeOf(principalOf(request)), request.params.id);
      return reply.code(204).send();
    },
  );

  connectionActions(app, options);
}

function connectionActions(app: Api, { connections, bandwidth, clock }: ConnectionRoutesOptions): void {
  app.post(
    '/connections/:id/password',
    {
      config: { permission: 'connections:write' },
      schema: {
        tags,
        params,
        body: z.preprocess((body) => body ?? {}, changePasswordBodySchema),
        response: { 200: changedPasswordSchema },
      },
    },
    async (request, reply) => {
      const scope = scopeOf(principalOf(request));
      const changed = await connections.changePassword(scope, request.params.id, request.body.password);
      reply.header('cache-control', 'no-store');
      return { username: changed.connection.username, password: changed.password };
    },
  );

  app.post(
    '/connections/:id/reset-usage',
    {
      config: { permission: 'connections:write' },
      schema: { tags, params, response: { 200: connectionSchema } },
    },
    async (request) => {
      const row = await connections.resetUsage(scopeOf(principalOf(request)), request.params.id);
      return connectionView(row, clock.now());
    },
  );

  app.get(
    '/connections/:id/bandwidth',
    {
      config: { permission: 'connections:read' },
      schema: {
        tags,
        params,
        querystring: bandwidthQuerySchema,
        response: { 200: pageSchema(bandwidthBucketSchema) },
      },
    },
    async (request) => {
      const { id } = await connections.get(scopeOf(principalOf(request)), request.params.id);
      return { items: await bandwidth.of({ connectionId: id }, request.query), nextCursor: null };
    },
  );
}
