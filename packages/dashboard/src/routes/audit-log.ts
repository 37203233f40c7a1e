import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

export const auditLogRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit-log',
  validateSearch: tableSearchSchema,
  component: lazyRouteComponent(() => import('#features/audit-log/audit-log-page.tsx'), 'AuditLogPage'),
});
