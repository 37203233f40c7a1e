import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const teamInvitationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/team/invitations',
  staticData: { only: { permission: 'users:read', title: 'Invitations' } },
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(() => import('#features/team/invitations-page.tsx'), 'InvitationsPage'),
});
