import { z } from 'zod';
import { nameSchema, pageQuerySchema, timeSchema } from './common.ts';

/** `reconnecting` lasts until two minutes after the last heartbeat. */
export const deviceStatusSchema = z.enum(['online', 'reconnecting', 'offline']);
export type DeviceStatus = z.infer<typeof deviceStatusSchema>;

export const deviceSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  status: deviceStatusSchema,
  /** Mobile address, as the relay's echo endpoint last saw it. */
  exitIp: z.string().nullable(),
  carrier: z.string().nullable(),
  networkType: z.string().nullable(),
  signalDbm: z.number().int().nullable(),
  batteryPercent: z.number().int().nullable(),
  batteryCharging: z.boolean().nullable(),
  platform: z.string(),
  model: z.string().nullable(),
  osVersion: z.string().nullable(),
  agentVersion: z.string(),
  lastSeenAt: timeSchema.nullable(),
  autoRotateMinutes: z.number().int().nullable(),
  allowPrivateDestinations: z.boolean(),
  capabilities: z.array(z.string()),
  createdAt: timeSchema,
});
export type DeviceView = z.infer<typeof deviceSchema>;

export const updateDeviceBodySchema = z.strictObject({
  name: nameSchema.optional(),
  description: z.string().max(2000).optional(),
  /** Lets customers reach private, loopback and link-local addresses of the phone's networks. */
  allowPrivateDestinations: z.boolean().optional(),
  autoRotateMinutes: z.number().int().min(1).max(10_080).nullable().optional(),
});
export type UpdateDeviceBody = z.infer<typeof updateDeviceBodySchema>;

export const listDevicesQuerySchema = pageQuerySchema;
