import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

const search = tableSearchSchema.extend({
  /** Opens the dialog that makes one. */
  create: z.literal('yes').optional().catch(undefined),
});

export const teamApiKeysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/team/api-keys',
  validateSearch: search,
  component: lazyRouteComponent(() => import('#features/team/api-keys-page.tsx'), 'ApiKeysPage'),
});
