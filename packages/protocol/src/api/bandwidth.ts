import { z } from 'zod';
import { momentSchema, timeSchema } from './common.ts';

export const granularitySchema = z.enum(['hour', 'day', 'month']);
export type Granularity = z.infer<typeof granularitySchema>;

/**
 * Without `from`: the last 48 hours, 31 days or 12 months. Hours are kept for 90 days, days and months for 5 years.
 */
export const bandwidthQuerySchema = z.strictObject({
  granularity: granularitySchema.default('hour'),
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  /** As JSON, or as a table with one line for each bucket; `Accept: text/csv` asks for the table, too. */
  format: z.enum(['json', 'csv']).optional(),
});
export type BandwidthQuery = z.infer<typeof bandwidthQuerySchema>;

/** Bytes of one hour, day or month (UTC). Buckets without traffic are left out. */
export const bandwidthBucketSchema = z.object({
  start: timeSchema,
  bytesUp: z.number().int(),
  bytesDown: z.number().int(),
});
export type BandwidthBucket = z.infer<typeof bandwidthBucketSchema>;
