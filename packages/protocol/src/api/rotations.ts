import { z } from 'zod';
import { momentSchema, nameSchema, pageQuerySchema, timeSchema } from './common.ts';

/** `unchanged`: the radio was cycled and the address stayed. */
export const rotationStatusSchema = z.enum(['queued', 'running', 'succeeded', 'unchanged', 'failed']);
export type RotationStatus = z.infer<typeof rotationStatusSchema>;

/** Who asked. */
export const rotationTriggerSchema = z.enum(['manual', 'schedule', 'link', 'command']);
export type RotationTrigger = z.infer<typeof rotationTriggerSchema>;

export const rotationStepSchema = z.enum(['queued', 'radio', 'registering', 'observing', 'finished']);

/** Why a rotation failed or left the address as it was. */
export const rotationReasonSchema = z.enum([
  /** The phone was not connected when the rotation should begin. */
  'device_offline',
  /** The phone cannot switch its radio: see its `missingCapabilities`. */
  'unsupported',
  /** The radio could not be switched. */
  'radio_failed',
  /** The radio is on, and the phone found no mobile network in time. */
  'not_registered',
  /** The phone did not come back to the relay in time. */
  'phone_lost',
  /** The phone is back and its address could not be observed. */
  'address_not_observed',
  /** The network gave the same address again. */
  'same_address',
  /** The network gave an address that the device had too recently. */
  'recent_address',
  /** The device was deleted, or its agent replaced. */
  'cancelled',
  'internal_error',
]);
export type RotationReason = z.infer<typeof rotationReasonSchema>;

export const rotationSchema = z.object({
  id: z.uuid(),
  deviceId: z.uuid(),
  status: rotationStatusSchema,
  step: rotationStepSchema,
  trigger: rotationTriggerSchema,
  /** Radio cycles so far. */
  attempt: z.number().int(),
  oldIp: z.string().nullable(),
  newIp: z.string().nullable(),
  reason: rotationReasonSchema.nullable(),
  durationMs: z.number().int().nullable(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
});
export type RotationView = z.infer<typeof rotationSchema>;

/** One address that a device had. `natural`: the network changed it, nobody asked. */
export const ipHistoryEntrySchema = z.object({
  id: z.uuid(),
  ip: z.string(),
  previousIp: z.string().nullable(),
  trigger: z.enum([...rotationTriggerSchema.options, 'natural']),
  rotationId: z.uuid().nullable(),
  at: timeSchema,
  durationMs: z.number().int().nullable(),
});
export type IpHistoryEntry = z.infer<typeof ipHistoryEntrySchema>;

export const createRotationLinkBodySchema = z.strictObject({
  deviceId: z.uuid(),
  name: nameSchema,
  /** Between two rotations that this link asks for; the device's own minimum holds as well. */
  minIntervalSeconds: z.number().int().min(0).max(86_400).default(0),
  expiresAt: momentSchema.nullable().default(null),
});
export type CreateRotationLinkBody = z.infer<typeof createRotationLinkBodySchema>;

export const rotationLinkSchema = z.object({
  id: z.uuid(),
  deviceId: z.uuid(),
  name: z.string(),
  /** Complete when the link is made and never again: later it ends in `...`. */
  url: z.string(),
  minIntervalSeconds: z.number().int(),
  lastUsedAt: timeSchema.nullable(),
  expiresAt: timeSchema.nullable(),
  createdAt: timeSchema,
});
export type RotationLinkView = z.infer<typeof rotationLinkSchema>;

export const listRotationLinksQuerySchema = pageQuerySchema.extend({ deviceId: z.uuid().optional() });
