import { deviceTotalsSchema, pageSchema, statsOverviewSchema } from '@pocketproxy/protocol/api';
import { scopeOf } from '../services/permissions.ts';
import type { Stats } from '../services/stats.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';

export function statsRoutes(app: Api, { stats }: { readonly stats: Stats }): void {
  app.get(
    '/stats/overview',
    {
      config: { permission: 'stats:read' },
      schema: { tags: ['stats'], response: { 200: statsOverviewSchema } },
    },
    (request) => stats.overview(scopeOf(principalOf(request))),
  );

  app.get(
    '/stats/devices',
    {
      config: { permission: 'stats:read' },
      schema: {
        tags: ['stats'],
        summary: 'Connections and traffic of today by device, of all devices at once',
        response: { 200: pageSchema(deviceTotalsSchema) },
      },
    },
    async (request) => ({
      items: await stats.byDevice(scopeOf(principalOf(request))),
      nextCursor: null,
    }),
  );
}
