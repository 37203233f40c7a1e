import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const linksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/links',
  staticData: { only: { permission: 'rotation-links:read', title: 'Rotation links' } },
  /** `create`: the dialog that makes a link is open. */
  validateSearch: tableSearchSchema.extend({ create: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('#features/links/links-page.tsx'), 'LinksPage'),
});
