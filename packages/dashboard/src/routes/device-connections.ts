import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { deviceRoute } from './device.ts';

const search = tableSearchSchema.extend({
  /** The dialog that makes a connection is open. */
  create: z.literal('new').optional().catch(undefined),
});

export const deviceConnectionsRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: 'connections',
  validateSearch: search,
  component: lazyRouteComponent(() => import('#features/device/connections-tab.tsx'), 'ConnectionsTab'),
});
