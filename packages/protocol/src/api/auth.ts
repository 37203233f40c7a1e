import { z } from 'zod';
import { timeSchema } from './common.ts';

export const roleSchema = z.enum(['admin', 'operator', 'customer']);
/** `admin` and `operator` are staff and see everything; `customer` sees its own organization. */
export type Role = z.infer<typeof roleSchema>;

export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: roleSchema,
});
export type ApiUser = z.infer<typeof userSchema>;

export const loginBodySchema = z.strictObject({
  email: z.string().trim().min(1).max(254),
  password: z.string().min(1).max(256),
});

/** A short-lived bearer token; the cookie that came with it gets the next one. */
export const tokenGrantSchema = z.object({
  token: z.string(),
  expiresAt: timeSchema,
  user: userSchema,
});
export type TokenGrant = z.infer<typeof tokenGrantSchema>;
