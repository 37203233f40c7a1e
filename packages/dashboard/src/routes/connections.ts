import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

const search = tableSearchSchema.extend({
  /** Opens the dialog that creates one: the id of its device, or `any` where that is chosen there. */
  create: z.string().optional().catch(undefined),
});

export const connectionsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/connections',
  validateSearch: search,
  component: lazyRouteComponent(
    () => import('#features/connections/connections-page.tsx'),
    'ConnectionsPage',
  ),
});
