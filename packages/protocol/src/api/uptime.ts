import { z } from 'zod';
import { momentSchema, timeSchema } from './common.ts';
import { deviceStatusSchema } from './devices.ts';

/** The longest range that one call answers, in days. */
export const UPTIME_MAX_DAYS = 366;

/** Without `from`: the seven days before `to`; without `to`: until now. */
export const uptimeQuerySchema = z.strictObject({
  from: momentSchema.optional(),
  to: momentSchema.optional(),
});
export type UptimeQuery = z.infer<typeof uptimeQuerySchema>;

/** A time during which the status stayed the same, cut to the range that was asked for. */
export const statusSegmentSchema = z.object({ status: deviceStatusSchema, from: timeSchema, to: timeSchema });
export type StatusSegment = z.infer<typeof statusSegmentSchema>;

/** Segments without gaps, oldest first. There are none before the device was paired. */
export const uptimeSchema = z.object({
  items: z.array(statusSegmentSchema),
  /** Share of the segments' time that the device was online, with two decimals; `null` when there are none. */
  onlinePercent: z.number().nullable(),
  nextCursor: z.null(),
});
export type UptimeView = z.infer<typeof uptimeSchema>;
