import { z } from 'zod';
import { nameSchema, timeSchema } from './common.ts';

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

const passwordSchema = z.string().min(1).max(256);
/** Six digits of an authenticator, or a backup code. */
const secondFactorSchema = z.string().trim().min(6).max(32);

export const loginBodySchema = z.strictObject({
  email: z.string().trim().min(1).max(254),
  password: passwordSchema,
  /** Needed by accounts with a second factor. */
  code: secondFactorSchema.optional(),
});
export type LoginBody = z.infer<typeof loginBodySchema>;

/** A short-lived bearer token; the cookie that came with it gets the next one. */
export const tokenGrantSchema = z.object({
  token: z.string(),
  expiresAt: timeSchema,
  user: userSchema,
});
export type TokenGrant = z.infer<typeof tokenGrantSchema>;

/** Whoever is logged in. */
export const meSchema = userSchema.extend({
  organizationId: z.string(),
  twoFactorEnabled: z.boolean(),
  /** What the role allows. */
  permissions: z.array(z.string()),
});
export type Me = z.infer<typeof meSchema>;

/** What people change of themselves; the rest is for administrators. */
export const updateMeBodySchema = z.strictObject({ name: nameSchema });

export const changeOwnPasswordBodySchema = z.strictObject({
  currentPassword: passwordSchema,
  newPassword: z.string().min(1).max(1024),
});

/** One login of the caller. */
export const sessionSchema = z.object({
  id: z.string(),
  /** The session that asks. */
  current: z.boolean(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: timeSchema,
  expiresAt: timeSchema,
});
export type SessionView = z.infer<typeof sessionSchema>;
export const sessionParamsSchema = z.object({ id: z.string().min(1).max(64) });

export const confirmPasswordBodySchema = z.strictObject({ password: passwordSchema });
export const confirmCodeBodySchema = z.strictObject({ code: secondFactorSchema });

export const backupCodesSchema = z.object({
  /** Each works once, in place of a code. Told this once. */
  backupCodes: z.array(z.string()),
});
/** What an authenticator needs; told this once. */
export const twoFactorSetupSchema = backupCodesSchema.extend({ otpauthUrl: z.string() });
