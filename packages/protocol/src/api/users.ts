import { z } from 'zod';
import { roleSchema, userSchema } from './auth.ts';
import { nameSchema, organizationIdSchema, pageQuerySchema, timeSchema } from './common.ts';

const emailSchema = z.email().max(254).toLowerCase();
/** Its length and whether it can be guessed is checked together with what is known of its owner. */
export const newPasswordSchema = z.string().min(1).max(1024);

/** A user as administrators see it. */
export const userDetailSchema = userSchema.extend({
  organizationId: z.string(),
  /** Cannot log in, and its API keys do not work. */
  disabled: z.boolean(),
  twoFactorEnabled: z.boolean(),
  createdAt: timeSchema,
});
export type UserDetail = z.infer<typeof userDetailSchema>;

export const listUsersQuerySchema = pageQuerySchema.extend({
  organizationId: organizationIdSchema.optional(),
});
export type ListUsersQuery = z.infer<typeof listUsersQuerySchema>;

export const createUserBodySchema = z.strictObject({
  email: emailSchema,
  name: nameSchema,
  role: roleSchema,
  /** Of a customer; one of its own is made when left out. Staff belongs to the operator's own. */
  organizationId: organizationIdSchema.optional(),
  /** Made up when left out. */
  password: newPasswordSchema.optional(),
});
export type CreateUserBody = z.infer<typeof createUserBodySchema>;

/** The password is answered when it is made and never again. */
export const createdUserSchema = userDetailSchema.extend({ password: z.string() });

export const updateUserBodySchema = z
  .strictObject({
    name: nameSchema,
    role: roleSchema,
    /** Only of customers. */
    organizationId: organizationIdSchema,
    disabled: z.boolean(),
  })
  .partial();
export type UpdateUserBody = z.infer<typeof updateUserBodySchema>;

/** Without a password one is made up. */
export const resetPasswordBodySchema = z.strictObject({ password: newPasswordSchema.optional() });
export const resetPasswordSchema = z.object({ email: z.string(), password: z.string() });

export const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string().nullable(),
  role: roleSchema,
  organizationId: z.string().nullable(),
  status: z.enum(['pending', 'accepted', 'expired']),
  expiresAt: timeSchema,
  createdAt: timeSchema,
});
export type InvitationView = z.infer<typeof invitationSchema>;

export const createInvitationBodySchema = z.strictObject({
  email: emailSchema,
  name: nameSchema.optional(),
  role: roleSchema,
  /** Of a customer; one of its own is made when left out. */
  organizationId: organizationIdSchema.optional(),
});
export type CreateInvitationBody = z.infer<typeof createInvitationBodySchema>;

/** The link holds the token, which is told this once. `emailed`: whether it was also sent to the address. */
export const createdInvitationSchema = invitationSchema.extend({
  url: z.string(),
  token: z.string(),
  emailed: z.boolean(),
});

export const acceptInvitationBodySchema = z.strictObject({
  token: z.string().min(1).max(256),
  name: nameSchema.optional(),
  password: newPasswordSchema,
});
export type AcceptInvitationBody = z.infer<typeof acceptInvitationBodySchema>;

export const organizationSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** The operator's own, which cannot be deleted. */
  isDefault: z.boolean(),
  users: z.number().int(),
  devices: z.number().int(),
  connections: z.number().int(),
  createdAt: timeSchema,
});
export type OrganizationView = z.infer<typeof organizationSchema>;
export const organizationParamsSchema = z.object({ id: organizationIdSchema });
/** The identity library keeps ids as texts. */
export const userParamsSchema = z.object({ id: z.string().min(1).max(64) });
export const organizationBodySchema = z.strictObject({ name: nameSchema });
