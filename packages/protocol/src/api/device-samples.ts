import { z } from 'zod';
import { momentSchema, timeSchema } from './common.ts';

/** Without `from`: the last 24 hours. Samples are kept for 14 days. */
export const deviceSamplesQuerySchema = z.strictObject({
  from: momentSchema.optional(),
  to: momentSchema.optional(),
});
export type DeviceSamplesQuery = z.infer<typeof deviceSamplesQuerySchema>;

/** What a phone reported in one moment of each five minutes; none while it was offline. */
export const deviceSampleSchema = z.object({
  /** Begin of the five minutes. */
  at: timeSchema,
  signalDbm: z.number().int().nullable(),
  batteryPercent: z.number().int().nullable(),
  batteryCharging: z.boolean().nullable(),
  networkType: z.string().nullable(),
  /** Bytes of the phone's interfaces since the sample before. */
  wifiBytesUp: z.number().int(),
  wifiBytesDown: z.number().int(),
  mobileBytesUp: z.number().int(),
  mobileBytesDown: z.number().int(),
});
export type DeviceSampleView = z.infer<typeof deviceSampleSchema>;
