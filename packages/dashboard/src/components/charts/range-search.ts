import { z } from 'zod';

/** Ranges that can be picked, each with the granularity in which it is read. */
export const RANGES = {
  '6h': { label: '6 h', hours: 6, granularity: 'hour' },
  '24h': { label: '24 h', hours: 24, granularity: 'hour' },
  '7d': { label: '7 d', hours: 7 * 24, granularity: 'hour' },
  '14d': { label: '14 d', hours: 14 * 24, granularity: 'hour' },
  '30d': { label: '30 d', hours: 30 * 24, granularity: 'day' },
  '12m': { label: '12 months', hours: 365 * 24, granularity: 'month' },
} as const;

export type RangeName = keyof typeof RANGES;
const NAMES = Object.keys(RANGES) as [RangeName, ...RangeName[]];

/** The range's part of the URL, for `validateSearch` of a route. */
export const rangeSearchSchema = z.object({ range: z.enum(NAMES).optional().catch(undefined) });

export type RangeSearch = z.infer<typeof rangeSearchSchema>;
