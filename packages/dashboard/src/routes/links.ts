import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const linksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/links',
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(() => import('#features/links/links-page.tsx'), 'LinksPage'),
});
