import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { deviceRoute } from './device.ts';

export const deviceRotationRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: 'rotation',
  component: lazyRouteComponent(() => import('#features/device/rotation-tab.tsx'), 'RotationTab'),
});
