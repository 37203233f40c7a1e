import { createRoute, redirect } from '@tanstack/react-router';
import { NotFound } from '#app/not-found.tsx';
import { PageError } from '#app/page-error.tsx';
import { Shell } from '#app/shell.tsx';
import { session } from '#lib/api/session.ts';
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
    if (state.status === 'signed-in') return;
    const next = location.href === '/' ? undefined : location.href;
    throw redirect({ to: '/sign-in', search: { next }, replace: true });
  },
});
