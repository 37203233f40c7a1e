import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { z } from 'zod';
import { session } from '#lib/api/session.ts';
import { rootRoute } from './root.ts';

/** Only a path of this dashboard: a link must not lead to another site by way of the sign-in page. */
const nextSchema = z
  .string()
  .regex(/^\/(?![/\\])/)
  .optional()
  .catch(undefined);

const SignInPage = lazyRouteComponent(() => import('#features/sign-in/sign-in-page.tsx'), 'SignInPage');

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  component: SignInPage,
  validateSearch: z.object({ next: nextSchema }),
  beforeLoad: async ({ search }) => {
    // Comes while the server is asked whether it is needed.
    void SignInPage.preload?.();
    const state = await session.restore();
    if (state.status === 'signed-in') throw redirect({ href: search.next ?? '/', replace: true });
  },
});
