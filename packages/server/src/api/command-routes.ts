import {
  commandSchema,
  createCommandBodySchema,
  idParamsSchema,
  listCommandsQuerySchema,
  pageSchema,
  waitQuerySchema,
} from '@pocketproxy/protocol/api';
import type { Commands } from '../services/commands.ts';
import type { Devices } from '../services/devices.ts';
import type { Idempotency } from '../services/idempotency.ts';
import { requesterId, scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';
import { createOnce } from './create-once.ts';
import { commandView } from './views.ts';

export interface CommandRoutesOptions {
  readonly commands: Commands;
  readonly devices: Devices;
  readonly idempotency: Idempotency;
}

const tags = ['commands'];
const params = idParamsSchema;

export function commandRoutes(app: Api, { commands, devices, idempotency }: CommandRoutesOptions): void {
  app.post(
    '/devices/:id/commands',
    {
      config: { permission: 'commands:write', audit: 'device.command' },
      schema: {
        tags,
        summary: 'Queue a command; a phone that is away gets it when it is back',
        params,
        body: createCommandBodySchema,
        response: { 201: commandSchema },
      },
    },
    (request, reply) =>
      createOnce(idempotency, request, reply, async () => {
        const principal = principalOf(request);
        const command = await commands.create(
          scopeOf(principal),
          request.params.id,
          request.body,
          requesterId(principal),
        );
        request.audited.push({
          organizationId: command.organizationId,
          ...{ targetType: 'device', targetId: command.deviceId },
          ...{ before: null, after: { commandId: command.id, type: command.type, params: command.params } },
        });
        return commandView(command);
      }),
  );

  app.get(
    '/devices/:id/commands',
    {
      config: { permission: 'commands:read' },
      schema: {
        tags,
        summary: 'Newest first',
        params,
        querystring: listCommandsQuerySchema,
        response: { 200: pageSchema(commandSchema) },
      },
    },
    async (request) => {
      const scope = scopeOf(principalOf(request));
      const { id } = await devices.get(scope, request.params.id);
      const page = await commands.ofDevice(scope, id, request.query);
      return { ...page, items: page.items.map(commandView) };
    },
  );

  app.get(
    '/commands/:id',
    {
      config: { permission: 'commands:read' },
      schema: { tags, params, querystring: waitQuerySchema, response: { 200: commandSchema } },
    },
    async (request) => {
      const scope = scopeOf(principalOf(request));
      return commandView(await commands.waitFor(scope, request.params.id, request.query.waitSeconds));
    },
  );

  app.post(
    '/commands/:id/cancel',
    {
      config: { permission: 'commands:write', audit: 'device.cancel_command' },
      schema: {
        tags,
        summary: 'Take back a command that still waits for its phone',
        description: 'It is `expired` then, with `cancelled: true`. What the phone has cannot be taken back.',
        params,
        response: { 200: commandSchema },
      },
    },
    async (request) => {
      const command = await commands.cancel(scopeOf(principalOf(request)), request.params.id);
      const { id: commandId, type, organizationId, deviceId } = command;
      request.audited.push({
        ...{ organizationId, targetType: 'device', targetId: deviceId },
        ...{ before: { commandId, type }, after: null },
      });
      return commandView(command);
    },
  );
}
