import { createRoute, redirect } from '@tanstack/react-router';
import { queryClient } from '#lib/api/query-client.ts';
import { meQuery } from '#lib/api/use-session.ts';
import { shellRoute } from './shell.ts';

/** The team opens on its people; for those who may not see them, on their API keys. */
export const teamRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/team',
  beforeLoad: () => {
    const permissions = queryClient.getQueryData(meQuery.queryKey)?.permissions ?? [];
    const to = permissions.includes('users:read') ? '/team/people' : '/team/api-keys';
    throw redirect({ to, replace: true });
  },
});
