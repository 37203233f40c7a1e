import { z } from 'zod';
import { nameSchema, timeSchema } from './common.ts';

export const createPairingCodeBodySchema = z
  .strictObject({
    /** Name of the new device; its model when left out. */
    name: nameSchema.optional(),
    expiresInMinutes: z.number().int().min(1).max(1440).default(10),
    /** Pairs this existing device anew: it keeps its id, ports and connections. */
    deviceId: z.uuid().optional(),
  })
  .refine((body) => !(body.name !== undefined && body.deviceId !== undefined), {
    path: ['name'],
    message: 'A device that is paired anew keeps its name; leave name or deviceId out',
  });

/** The code itself is shown here and never again. */
export const createdPairingCodeSchema = z.object({
  id: z.uuid(),
  code: z.string(),
  pairingUrl: z.string(),
  expiresAt: timeSchema,
});
export type CreatedPairingCode = z.infer<typeof createdPairingCodeSchema>;

export const pairingCodeSchema = z.object({
  id: z.uuid(),
  name: z.string().nullable(),
  status: z.enum(['pending', 'used', 'expired']),
  /** The device that it made or pairs anew. */
  deviceId: z.uuid().nullable(),
  expiresAt: timeSchema,
  usedAt: timeSchema.nullable(),
  createdAt: timeSchema,
});
export type PairingCodeView = z.infer<typeof pairingCodeSchema>;
