import {
  deviceSchema,
  idParamsSchema,
  listDevicesQuerySchema,
  pageSchema,
  updateDeviceBodySchema,
} from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import { z } from 'zod';
import type { Devices } from '../services/devices.ts';
import type { Organizations } from '../services/organizations.ts';
import { scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { namedBy } from './audit-trail.ts';
import { expectedVersion, setVersion } from './conditional.ts';
import { deviceView } from './views.ts';

export interface DeviceRoutesOptions {
  readonly devices: Devices;
  readonly organizations: Organizations;
  readonly clock: Clock;
}

const TARGET = { targetType: 'device' } as const;

export function deviceRoutes(app: Api, { devices, organizations, clock }: DeviceRoutesOptions): void {
  const tags = ['devices'];

  app.get(
    '/devices',
    {
      config: { permission: 'devices:read' },
      schema: { tags, querystring: listDevicesQuerySchema, response: { 200: pageSchema(deviceSchema) } },
    },
    async (request) => {
      const page = await devices.list(scopeOf(principalOf(request)), request.query);
      return { ...page, items: page.items.map((row) => deviceView(row, clock.now())) };
    },
  );

  app.get(
    '/devices/:id',
    {
      config: { permission: 'devices:read' },
      schema: { tags, params: idParamsSchema, response: { 200: deviceSchema } },
    },
    async (request, reply) => {
      const row = await devices.get(scopeOf(principalOf(request)), request.params.id);
      setVersion(reply, row);
      return deviceView(row, clock.now());
    },
  );

  app.patch(
    '/devices/:id',
    {
      config: { permission: 'devices:write', audit: 'device.update' },
      schema: {
        tags,
        params: idParamsSchema,
        body: updateDeviceBodySchema,
        response: { 200: deviceSchema },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const scope = scopeOf(principalOf(request));
      await organizations.requireAssignable(scope, body.organizationId);
      const old = await devices.get(scope, params.id);
      const now = await devices.update(scope, params.id, body, expectedVersion(request));
      setVersion(reply, now);
      const [before, after] = [namedBy(body, old), namedBy(body, now)];
      request.audited.push({
        ...TARGET,
        organizationId: now.organizationId,
        targetId: now.id,
        before,
        after,
      });
      return deviceView(now, clock.now());
    },
  );

  app.delete(
    '/devices/:id',
    {
      config: { permission: 'devices:write', audit: 'device.delete' },
      schema: { tags, params: idParamsSchema, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const scope = scopeOf(principalOf(request));
      const row = await devices.get(scope, request.params.id);
      await devices.delete(scope, row.id);
      const before = deviceView(row, clock.now());
      request.audited.push({
        ...TARGET,
        organizationId: row.organizationId,
        targetId: row.id,
        before,
        after: null,
      });
      return reply.code(204).send();
    },
  );
}
