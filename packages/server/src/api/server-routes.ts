import { serverStatusSchema } from '@pocketproxy/protocol/api';
import type { ServerStatus } from '../services/server-status.ts';
import type { Api } from './api.ts';

export interface ServerRoutesOptions {
  readonly serverStatus: ServerStatus;
}

/** What runs here, and how it is reached. For staff. */
export function serverRoutes(app: Api, { serverStatus }: ServerRoutesOptions): void {
  app.get(
    '/server',
    {
      config: { permission: 'server:read' },
      schema: {
        tags: ['server'],
        summary: 'Versions, public addresses, and why OpenVPN is off where it is',
        response: { 200: serverStatusSchema },
      },
    },
    async () => await serverStatus.view(),
  );
}
