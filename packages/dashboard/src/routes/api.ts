import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from './shell.ts';

export const apiRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/api',
  component: lazyRouteComponent(() => import('#features/api/api-page.tsx'), 'ApiPage'),
});
