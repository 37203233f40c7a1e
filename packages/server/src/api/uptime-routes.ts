import { idParamsSchema, uptimeQuerySchema, uptimeSchema } from '@pocketproxy/protocol/api';
import type { Devices } from '../services/devices.ts';
import { scopeOf } from '../services/permissions.ts';
import type { Uptime } from '../services/uptime.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';

export interface UptimeRoutesOptions {
  readonly devices: Devices;
  readonly uptime: Uptime;
}

/** When a device was online. */
export function uptimeRoutes(app: Api, { devices, uptime }: UptimeRoutesOptions): void {
  app.get(
    '/devices/:id/uptime',
    {
      config: { permission: 'devices:read' },
      schema: {
        tags: ['devices'],
        summary: 'When the phone was online, reconnecting and offline',
        params: idParamsSchema,
        querystring: uptimeQuerySchema,
        response: { 200: uptimeSchema },
      },
    },
    async (request) => {
      const device = await devices.get(scopeOf(principalOf(request)), request.params.id);
      return await uptime.of(device, request.query);
    },
  );
}
