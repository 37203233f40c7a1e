import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const devicesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/devices',
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(() => import('#features/devices/devices-page.tsx'), 'DevicesPage'),
});
