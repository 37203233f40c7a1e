import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

const filter = z.string().optional().catch(undefined);

const search = tableSearchSchema.extend({
  status: filter,
  carrier: filter,
  network: filter,
  /** Opens the dialog that pairs a phone. */
  pair: z.literal('new').optional().catch(undefined),
});

export const devicesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/devices',
  validateSearch: search,
  component: lazyRouteComponent(() => import('#features/devices/devices-page.tsx'), 'DevicesPage'),
});
