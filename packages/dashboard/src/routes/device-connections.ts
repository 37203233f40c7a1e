import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { deviceRoute } from './device.ts';

export const deviceConnectionsRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: 'connections',
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(() => import('#features/device/connections-tab.tsx'), 'ConnectionsTab'),
});
