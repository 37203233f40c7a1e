import { createRoute, redirect } from '@tanstack/react-router';
import { deviceRoute } from './device.ts';

/** A device opens on its connections. */
export const deviceIndexRoute = createRoute({
  getParentRoute: () => deviceRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/devices/$id/connections', params, replace: true });
  },
});
