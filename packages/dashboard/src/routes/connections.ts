import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

const text = z.string().optional().catch(undefined);

const search = tableSearchSchema.extend({
  /** Statuses and ids of devices that are shown, with commas. */
  status: text,
  device: text,
  /** The dialog that makes a connection is open: id of its device, or `any`. */
  create: text,
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
