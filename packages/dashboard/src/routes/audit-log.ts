import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { tableSearchSchema } from '#components/data-table/table-search.ts';
import { shellRoute } from './shell.ts';

const text = z.string().optional().catch(undefined);

const search = tableSearchSchema.extend({
  /** Kind of thing that was changed, and its id. */
  targetType: text,
  targetId: text,
  /** Id of who changed it. */
  actor: text,
  /** How far back. */
  period: z.enum(['day', 'week', 'month']).optional().catch(undefined),
  /** Id of the change that is looked at. */
  entry: text,
});

export const auditLogRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit-log',
  staticData: { only: { permission: 'audit:read', title: 'Audit log' } },
  validateSearch: search,
  component: lazyRouteComponent(() => import('#features/audit-log/audit-log-page.tsx'), 'AuditLogPage'),
});
