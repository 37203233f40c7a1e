import { z } from 'zod';
import { timeSchema } from './common.ts';

export const granularitySchema = z.enum(['hour', 'day', 'month']);
export type Granularity = z.infer<typeof granularitySchema>;

const time = timeSchema.transform((text) => new Date(text));

/** Without `from`: the last 48 hours, 31 days or 12 months. */
export const bandwidthQuerySchema = z.strictObject({
  granularity: granularitySchema.default('hour'),
  from: time.optional(),
  to: time.optional(),
});
export type BandwidthQuery = z.infer<typeof bandwidthQuerySchema>;

/** Bytes of one hour, day or month (UTC). Buckets without traffic are left out. */
export const bandwidthBucketSchema = z.object({
  start: timeSchema,
  bytesUp: z.number().int(),
  bytesDown: z.number().int(),
});
export type BandwidthBucket = z.infer<typeof bandwidthBucketSchema>;
