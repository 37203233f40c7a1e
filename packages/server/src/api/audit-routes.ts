import {
  type AuditEntryView,
  auditEntrySchema,
  auditLogQuerySchema,
  pageSchema,
} from '@pocketproxy/protocol/api';
import type { AuditLog, AuditRecord } from '../services/audit.ts';
import { scopeOf } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';

export function auditRoutes(app: Api, { auditLog }: { readonly auditLog: AuditLog }): void {
  app.get(
    '/audit-log',
    {
      config: { permission: 'audit:read' },
      schema: {
        tags: ['audit log'],
        querystring: auditLogQuerySchema,
        response: { 200: pageSchema(auditEntrySchema) },
      },
    },
    async (request) => {
      const page = await auditLog.list(scopeOf(principalOf(request)), request.query);
      return { ...page, items: page.items.map(auditEntryView) };
    },
  );
}

/** An entry as it is shown. */
export function auditEntryView(row: AuditRecord): AuditEntryView {
  const { actorType, actorId, actorName, at, ...rest } = row;
  return { ...rest, at: at.toISOString(), actor: { type: actorType, id: actorId, name: actorName } };
}
