import {
  idParamsSchema,
  ipHistoryEntrySchema,
  pageQuerySchema,
  pageSchema,
  rotationSchema,
  waitQuerySchema,
} from '@pocketproxy/protocol/api';
import type { Devices } from '../services/devices.ts';
import { requesterId, scopeOf } from '../services/permissions.ts';
import { hasEnded, type Rotations } from '../services/rotations.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { ipHistoryView, rotationView } from './views.ts';

export interface RotationRoutesOptions {
  readonly devices: Devices;
  readonly rotations: Rotations;
}

const tags = ['rotations'];
const params = idParamsSchema;

export function rotationRoutes(app: Api, { devices, rotations }: RotationRoutesOptions): void {
  app.post(
    '/devices/:id/rotate',
    {
      config: { permission: 'rotations:write', audit: 'device.rotate' },
      schema: {
        tags,
        summary: 'Get a new address; joins the rotation that is under way',
        params,
        querystring: waitQuerySchema,
        response: { 200: rotationSchema, 202: rotationSchema },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const scope = scopeOf(principal);
      const wanted = { deviceId: request.params.id, requestedBy: requesterId(principal) };
      const asked = await rotations.request(scope, { ...wanted, trigger: 'manual' });
      request.audited.push({
        organizationId: asked.organizationId,
        ...{ targetType: 'device', targetId: asked.deviceId },
        ...{ before: null, after: { rotationId: asked.id } },
      });
      const rotation = await rotations.waitFor(scope, asked.id, request.query.waitSeconds);
      reply.code(hasEnded(rotation) ? 200 : 202);
      return rotationView(rotation);
    },
  );

  app.get(
    '/rotations/active',
    {
      config: { permission: 'rotations:read' },
      schema: {
        tags,
        summary: 'Those under way now, of all devices',
        response: { 200: pageSchema(rotationSchema) },
      },
    },
    async (request) => {
      const underWay = await rotations.underWay(scopeOf(principalOf(request)));
      return { items: underWay.map(rotationView), nextCursor: null };
    },
  );

  app.get(
    '/rotations/:id',
    {
      config: { permission: 'rotations:read' },
      schema: { tags, params, querystring: waitQuerySchema, response: { 200: rotationSchema } },
    },
    async (request) => {
      const { params, query } = request;
      const rotation = await rotations.waitFor(scopeOf(principalOf(request)), params.id, query.waitSeconds);
      return rotationView(rotation);
    },
  );

  app.get(
    '/devices/:id/rotations',
    {
      config: { permission: 'rotations:read' },
      schema: {
        tags,
        summary: 'Newest first',
        params,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(rotationSchema) },
      },
    },
    async (request) => {
      const scope = scopeOf(principalOf(request));
      const { id } = await devices.get(scope, request.params.id);
      const page = await rotations.ofDevice(scope, id, request.query);
      return { ...page, items: page.items.map(rotationView) };
    },
  );

  app.get(
    '/devices/:id/ip-history',
    {
      config: { permission: 'rotations:read' },
      schema: {
        tags,
        summary: 'The last 50 addresses, newest first',
        params,
        response: { 200: pageSchema(ipHistoryEntrySchema) },
      },
    },
    async (request) => {
      const scope = scopeOf(principalOf(request));
      const { id } = await devices.get(scope, request.params.id);
      return { items: (await rotations.ipHistory(scope, id)).map(ipHistoryView), nextCursor: null };
    },
  );
}
