import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const notificationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/notifications',
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(
    () => import('#features/notifications/notifications-page.tsx'),
    'NotificationsPage',
  ),
});
