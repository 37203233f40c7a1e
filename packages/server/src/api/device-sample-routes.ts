import {
  deviceSampleSchema,
  deviceSamplesQuerySchema,
  idParamsSchema,
  pageSchema,
} from '@pocketproxy/protocol/api';
import type { DeviceSamples } from '../services/device-samples.ts';
import type { Devices } from '../services/devices.ts';
import { scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';

export interface DeviceSampleRoutesOptions {
  readonly devices: Devices;
  readonly samples: DeviceSamples;
}

/** What a phone reported over time, for charts. */
export function deviceSampleRoutes(app: Api, { devices, samples }: DeviceSampleRoutesOptions): void {
  app.get(
    '/devices/:id/metrics',
    {
      config: { permission: 'devices:read' },
      schema: {
        tags: ['devices'],
        summary: 'Signal, battery, network and interface bytes every five minutes',
        params: idParamsSchema,
        querystring: deviceSamplesQuerySchema,
        response: { 200: pageSchema(deviceSampleSchema) },
      },
    },
    async (request) => {
      const { id } = await devices.get(scopeOf(principalOf(request)), request.params.id);
      return { items: await samples.of(id, request.query), nextCursor: null };
    },
  );
}
