import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from './shell.ts';

export const settingsPreferencesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings/preferences',
  component: lazyRouteComponent(() => import('#features/settings/preferences-page.tsx'), 'PreferencesPage'),
});
