import { z } from 'zod';
import { pageQuerySchema, timeSchema } from './common.ts';

/** What a phone can be told to do. */
export const commandTypeSchema = z.enum([
  'rotate_ip',
  'reboot',
  'find_phone',
  'wifi_on',
  'wifi_off',
  'restart_agent',
  'update_agent',
]);
export type CommandType = z.infer<typeof commandTypeSchema>;

/**
 * `sent`: the phone has it and has not answered yet. `expired`: nobody waits for it any more, because the phone did not
 * come back in time or because it was cancelled.
 */
export const commandStatusSchema = z.enum(['pending', 'sent', 'succeeded', 'failed', 'expired']);
export type CommandStatus = z.infer<typeof commandStatusSchema>;

/** Waits this long for the outcome before it answers with what is known. */
export const waitQuerySchema = z.strictObject({ waitSeconds: z.coerce.number().min(0).max(120).default(0) });

export const createCommandBodySchema = z.strictObject({
  type: commandTypeSchema,
  /** `find_phone`: `{seconds}`, how long it rings; the other types take none. */
  params: z.strictObject({ seconds: z.number().int().min(1).max(300).optional() }).default({}),
  /** For how long it waits for a phone that is away. */
  expiresInMinutes: z.number().int().min(1).max(10_080).default(60),
});
export type CreateCommandBody = z.infer<typeof createCommandBodySchema>;

export const commandSchema = z.object({
  id: z.uuid(),
  deviceId: z.uuid(),
  type: z.string(),
  params: z.record(z.string(), z.unknown()),
  status: commandStatusSchema,
  /** Whether it is `expired` because somebody took it back before the phone had it. */
  cancelled: z.boolean(),
  /** What the phone answered. */
  output: z.string().nullable(),
  /** Why it failed or expired. */
  reason: z.string().nullable(),
  createdAt: timeSchema,
  sentAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
  expiresAt: timeSchema,
});
export type CommandView = z.infer<typeof commandSchema>;

export const listCommandsQuerySchema = pageQuerySchema.extend({ status: commandStatusSchema.optional() });
