import { createRoute, redirect } from '@tanstack/react-router';
import { shellRoute } from './shell.ts';

/** Settings open on the own account. */
export const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: '/settings/account', replace: true });
  },
});
