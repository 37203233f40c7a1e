import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from './shell.ts';

export const settingsServerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings/server',
  component: lazyRouteComponent(() => import('#features/settings/server-page.tsx'), 'ServerPage'),
});
