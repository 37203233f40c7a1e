import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { deviceRoute } from './device.ts';

export const deviceSettingsRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: 'settings',
  component: lazyRouteComponent(() => import('#features/device/settings-tab.tsx'), 'SettingsTab'),
});
