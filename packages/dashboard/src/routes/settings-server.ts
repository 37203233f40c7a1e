import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from './shell.ts';

export const settingsServerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings/server',
  staticData: { only: { permission: 'server:read', title: 'Server' } },
  component: lazyRouteComponent(() => import('#features/settings/server-page.tsx'), 'ServerPage'),
});
