import { createRoute, redirect } from '@tanstack/react-router';
import { NotFound } from '#app/not-found.tsx';
import { PageError } from '#app/page-error.tsx';
import { Shell } from '#app/shell.tsx';
import { queryClient } from '#lib/api/query-client.ts';
import { session } from '#lib/api/session.ts';
import { meQuery } from '#lib/api/use-session.ts';
import { rootRoute } from './root.ts';

/** Everything that needs somebody to be signed in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageError,
  beforeLoad: async ({ location }) => {
    const state = await session.restore();
    if (state.status === 'signed-in') {
      // Known before anything is drawn, so that nothing moves when it comes. Pages say by themselves when it fails.
      await queryClient.ensureQueryData(meQuery).catch(() => {});
      return;
    }
    const next = location.href === '/' ? undefined : location.href;
    throw redirect({ to: '/sign-in', search: { next }, replace: true });
  },
});
