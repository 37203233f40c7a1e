import { z } from 'zod';
import { nameSchema, organizationIdSchema, pageQuerySchema, timeSchema } from './common.ts';

/** `reconnecting` lasts until two minutes after the last heartbeat. */
export const deviceStatusSchema = z.enum(['online', 'reconnecting', 'offline']);
export type DeviceStatus = z.infer<typeof deviceStatusSchema>;

/** Something that this phone cannot do yet, and the step that makes it possible. */
export const missingCapabilitySchema = z.object({ name: z.string(), reason: z.string(), fix: z.string() });

/** How a device rotates. */
const rotationSettings = {
  /** Rotates by itself this often; `null`: never. */
  autoRotateMinutes: z.number().int().min(1).max(10_080).nullable(),
  /** By how much of the interval an automatic rotation may come early or late. */
  autoRotateJitterPercent: z.number().int().min(0).max(50),
  /** For how long the radio stays off; `null`: as learned from earlier rotations of this device. */
  rotationHoldSeconds: z.number().int().min(1).max(120).nullable(),
  /** Further attempts, each with a longer hold, when the address did not change. */
  rotationRetries: z.number().int().min(0).max(5),
  /** Between the end of one rotation and the next, whoever asks for it. */
  rotationMinIntervalSeconds: z.number().int().min(0).max(86_400),
  /** For how long new flows wait for a rotation to finish before they are refused. */
  rotationWaitSeconds: z.number().int().min(0).max(120),
  /** An address that the device had within this time does not count as new; `null`: any other address does. */
  rotationUniqueHours: z.number().int().min(1).max(720).nullable(),
};

export const deviceSchema = z.object({
  id: z.uuid(),
  /** Whose it is: the operator's own, or a customer's, who sees it. */
  organizationId: z.string(),
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
  ...rotationSettings,
  /** When it rotates by itself; `null`: it does not. */
  nextRotationAt: timeSchema.nullable(),
  /** End of the last rotation. */
  lastRotationAt: timeSchema.nullable(),
  allowPrivateDestinations: z.boolean(),
  /** Names of what the phone can do. */
  capabilities: z.array(z.string()),
  missingCapabilities: z.array(missingCapabilitySchema),
  /** Bytes of the phone's own interfaces since it was paired: the tunnel should run over Wi-Fi. */
  wifiBytesUp: z.number().int(),
  wifiBytesDown: z.number().int(),
  mobileBytesUp: z.number().int(),
  mobileBytesDown: z.number().int(),
  /** Grows with every change; also the `ETag`. */
  version: z.number().int(),
  createdAt: timeSchema,
});
export type DeviceView = z.infer<typeof deviceSchema>;

export const updateDeviceBodySchema = z
  .strictObject({
    name: nameSchema,
    description: z.string().max(2000),
    /** Gives the device to a customer, or takes it back. Its connections and links stay with whom they belong to. */
    organizationId: organizationIdSchema,
    /** Lets customers reach private, loopback and link-local addresses of the phone's networks. */
    allowPrivateDestinations: z.boolean(),
    ...rotationSettings,
  })
  .partial();
export type UpdateDeviceBody = z.infer<typeof updateDeviceBodySchema>;

export const listDevicesQuerySchema = pageQuerySchema;
