import { z } from 'zod';
import { momentSchema, nameSchema, timeSchema } from './common.ts';

export const apiKeySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  /** Its first characters. */
  hint: z.string(),
  /** Whose key it is: it can never do more than this user. */
  userId: z.string(),
  scopes: z.array(z.string()),
  expiresAt: timeSchema.nullable(),
  /** To the minute. */
  lastUsedAt: timeSchema.nullable(),
  createdAt: timeSchema,
});
export type ApiKeyView = z.infer<typeof apiKeySchema>;

/** The key is answered when it is made and never again. */
export const createdApiKeySchema = apiKeySchema.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;

export const createApiKeyBodySchema = z.strictObject({
  name: nameSchema,
  /** Permissions such as `connections:write`, each of which its user has. */
  scopes: z.array(z.string()).min(1).max(100),
  expiresAt: momentSchema.nullable().default(null),
});
export type CreateApiKeyBody = z.infer<typeof createApiKeyBodySchema>;
