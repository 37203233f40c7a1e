import { type BucketSize, nextBucket, type Span } from '#components/charts/buckets.ts';

/** The day `2026-11-24`. */
export function daySpan(day: string): Span {
  return { from: `${day}T00:00:00.000Z`, to: isoAfter(day, 'day') };
}

/** The month `2026-11`. */
export function monthSpan(month: string): Span {
  return { from: `${month}-01T00:00:00.000Z`, to: isoAfter(`${month}-01`, 'month') };
}

/** The twelve months that end with `month`. */
export function yearSpan(month: string): Span {
  return { from: `${stepMonth(month, -11)}-01T00:00:00.000Z`, to: monthSpan(month).to };
}

/** `2026-11-30` and 1 make `2026-12-01`. */
export function stepDay(day: string, by: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
}

/** `2026-12` and 1 make `2027-01`. */
export function stepMonth(month: string, by: number): string {
  const date = new Date(`${month}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + by);
  return date.toISOString().slice(0, 7);
}

function isoAfter(day: string, size: BucketSize): string {
  return new Date(nextBucket(Date.parse(`${day}T00:00:00Z`), size)).toISOString();
}
