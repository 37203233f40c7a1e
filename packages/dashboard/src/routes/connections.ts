import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const connectionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/connections',
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(
    () => import('#features/connections/connections-page.tsx'),
    'ConnectionsPage',
  ),
});
