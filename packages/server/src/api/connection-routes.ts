import {
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
import type { ConnectionRecord, Connections } from '../services/connections.ts';
import type { Idempotency } from '../services/idempotency.ts';
import type { Organizations } from '../services/organizations.ts';
import type { OvpnFiles } from '../services/ovpn-files.ts';
import { scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { namedBy } from './audit-trail.ts';
import { expectedVersion, setVersion } from './conditional.ts';
import { createOnce } from './create-once.ts';
import { connectionView } from './views.ts';

export interface ConnectionRoutesOptions {
  readonly connections: Connections;
  readonly organizations: Organizations;
  readonly idempotency: Idempotency;
  readonly ovpnFiles: OvpnFiles;
  readonly clock: Clock;
}

/** As OpenVPN's own programs register it. */
const OVPN_TYPE = 'application/x-openvpn-profile';

const tags = ['connections'];
const params = idParamsSchema;

export function connectionRoutes(app: Api, options: ConnectionRoutesOptions): void {
  const { connections, organizations, idempotency, ovpnFiles, clock } = options;

  app.post(
    '/connections',
    {
      config: { permission: 'connections:write', audit: 'connection.create' },
      schema: { tags, body: createConnectionBodySchema, response: { 201: createdConnectionSchema } },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const scope = scopeOf(principalOf(request));
        await organizations.requireAssignable(scope, request.body.organizationId);
        const made = await connections.create(scope, request.body);
        const view = connectionView(made.connection, clock.now());
        request.audited.push({ ...targetOf(made.connection), before: null, after: view });
        const ovpn = ovpnFiles.withPassword(made.connection, made.password);
        return { ...view, password: made.password, ovpn };
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
    async (request, reply) => {
      const row = await connections.get(scopeOf(principalOf(request)), request.params.id);
      setVersion(reply, row);
      return connectionView(row, clock.now());
    },
  );

  app.patch(
    '/connections/:id',
    {
      config: { permission: 'connections:write', audit: 'connection.update' },
      schema: { tags, params, body: updateConnectionBodySchema, response: { 200: connectionSchema } },
    },
    async (request, reply) => {
      const { body, params } = request;
      const scope = scopeOf(principalOf(request));
      await organizations.requireAssignable(scope, body.organizationId);
      const old = await connections.get(scope, params.id);
      const row = await connections.update(scope, params.id, body, expectedVersion(request));
      setVersion(reply, row);
      request.audited.push({ ...targetOf(row), before: namedBy(body, old), after: namedBy(body, row) });
      return connectionView(row, clock.now());
    },
  );

  app.delete(
    '/connections/:id',
    {
      config: { permission: 'connections:write', audit: 'connection.delete' },
      schema: { tags, params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const scope = scopeOf(principalOf(request));
      const row = await connections.get(scope, request.params.id);
      await connections.delete(scope, row.id);
      request.audited.push({ ...targetOf(row), before: connectionView(row, clock.now()), after: null });
      return reply.code(204).send();
    },
  );

  connectionActions(app, options);
}

function targetOf({ organizationId, id }: ConnectionRecord) {
  return { organizationId, targetType: 'connection', targetId: id } as const;
}

function connectionActions(app: Api, { connections, ovpnFiles, clock }: ConnectionRoutesOptions): void {
  app.post(
    '/connections/:id/password',
    {
      config: { permission: 'connections:write', audit: 'connection.password' },
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
      request.audited.push({ ...targetOf(changed.connection), before: {}, after: { password: 'changed' } });
      reply.header('cache-control', 'no-store');
      const { connection, password } = changed;
      const ovpn = ovpnFiles.withPassword(connection, password);
      return { username: connection.username, password, ovpn };
    },
  );

  app.get(
    '/connections/:id/ovpn',
    {
      config: { permission: 'connections:read' },
      schema: {
        tags,
        params,
        summary: 'Client file for OpenVPN; it asks for user name and password',
        produces: [OVPN_TYPE],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const connection = await connections.get(scopeOf(principalOf(request)), request.params.id);
      const { fileName, content } = ovpnFiles.of(connection);
      return reply
        .header('content-disposition', `attachment; filename="${fileName}"`)
        .header('cache-control', 'no-store')
        .type(OVPN_TYPE)
        .send(content);
    },
  );

  app.post(
    '/connections/:id/reset-usage',
    {
      config: { permission: 'connections:write', audit: 'connection.reset_usage' },
      schema: { tags, params, response: { 200: connectionSchema } },
    },
    async (request) => {
      const scope = scopeOf(principalOf(request));
      const { usedBytes } = await connections.get(scope, request.params.id);
      const row = await connections.resetUsage(scope, request.params.id);
      request.audited.push({
        ...targetOf(row),
        before: { usedBytes },
        after: { usedBytes: row.usedBytes },
      });
      return connectionView(row, clock.now());
    },
  );
}
