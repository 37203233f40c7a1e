import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const teamRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/team',
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(() => import('#features/team/team-page.tsx'), 'TeamPage'),
});
