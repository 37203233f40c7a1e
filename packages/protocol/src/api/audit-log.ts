import { z } from 'zod';
import { momentSchema, pageQuerySchema, timeSchema } from './common.ts';

/** Newest first, unlike other lists. */
export const auditLogQuerySchema = pageQuerySchema.extend({
  /** Id of a user, an API key or a rotation link. */
  actor: z.string().max(64).optional(),
  /** Such as `connection.update`. */
  action: z.string().max(64).optional(),
  /** Such as `connection`. */
  targetType: z.string().max(64).optional(),
  targetId: z.string().max(64).optional(),
  from: momentSchema.optional(),
  /** Up to and without this moment. */
  to: momentSchema.optional(),
});
export type AuditLogQuery = z.infer<typeof auditLogQuerySchema>;

export const auditEntrySchema = z.object({
  id: z.uuid(),
  at: timeSchema,
  organizationId: z.string(),
  actor: z.object({
    type: z.enum(['user', 'api_key', 'link', 'command_line', 'system', 'anonymous']),
    id: z.string().nullable(),
    name: z.string(),
  }),
  /** Address that the request came from. */
  address: z.string().nullable(),
  action: z.string(),
  targetType: z.string(),
  targetId: z.string().nullable(),
  /** The members that changed, as they were; `null` for what was made. */
  before: z.record(z.string(), z.unknown()).nullable(),
  /** The members that changed, as they are; `null` for what is gone. */
  after: z.record(z.string(), z.unknown()).nullable(),
});
export type AuditEntryView = z.infer<typeof auditEntrySchema>;
