import { createRoute } from '@tanstack/react-router';
import { NotFound } from '#app/not-found.tsx';
import { shellRoute } from './shell.ts';

/** Every path that is no page: said inside of the shell, so that one can go on. */
export const unknownRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '$',
  component: NotFound,
});
