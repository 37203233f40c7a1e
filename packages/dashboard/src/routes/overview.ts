import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from './shell.ts';

export const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('#features/overview/overview-page.tsx'), 'OverviewPage'),
});
