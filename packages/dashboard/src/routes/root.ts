import { createRootRoute, Outlet } from '@tanstack/react-router';
import { NotFound } from '#app/not-found.tsx';
import { PageError } from '#app/page-error.tsx';

export const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: PageError,
});
