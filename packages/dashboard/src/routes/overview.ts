import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rangeSearchSchema } from '#components/charts/range-search.ts';
import { shellRoute } from './shell.ts';

export const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  validateSearch: rangeSearchSchema,
  component: lazyRouteComponent(() => import('#features/overview/overview-page.tsx'), 'OverviewPage'),
});
