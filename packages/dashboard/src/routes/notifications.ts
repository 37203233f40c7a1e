import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

const search = tableSearchSchema.extend({
  /** Id of the channel that is looked at. */
  channel: z.string().optional().catch(undefined),
  /** Opens the dialog that makes one. */
  create: z.literal('yes').optional().catch(undefined),
});

export const notificationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/notifications',
  staticData: { only: { permission: 'notifications:read', title: 'Notifications' } },
  validateSearch: search,
  component: lazyRouteComponent(
    () => import('#features/notifications/notifications-page.tsx'),
    'NotificationsPage',
  ),
});
