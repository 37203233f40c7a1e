import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

const search = tableSearchSchema.extend({
  /** Roles that are kept, with commas. */
  role: z.string().optional().catch(undefined),
  /** Opens a dialog. */
  create: z.enum(['invitation', 'person']).optional().catch(undefined),
});

export const teamPeopleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/team/people',
  staticData: { only: { permission: 'users:read', title: 'People' } },
  validateSearch: search,
  component: lazyRouteComponent(() => import('#features/team/people-page.tsx'), 'PeoplePage'),
});
