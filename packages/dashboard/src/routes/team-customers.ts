import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const teamCustomersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/team/customers',
  staticData: { only: { permission: 'organizations:read', title: 'Customers' } },
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(() => import('#features/team/customers-page.tsx'), 'CustomersPage'),
});
