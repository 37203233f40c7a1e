import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rangeSearchSchema } from '#components/charts/range-search.ts';
import { shellRoute } from './shell.ts';

export const connectionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/connections/$id',
  validateSearch: rangeSearchSchema,
  component: lazyRouteComponent(() => import('#features/connection/connection-page.tsx'), 'ConnectionPage'),
});
