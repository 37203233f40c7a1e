import type { BandwidthBucket } from '@pocketproxy/protocol/api';
import type { ChartPoint } from '#components/charts/series.ts';

export type BucketSize = 'hour' | 'day' | 'month';

/** A time in UTC, as traffic is counted: `from` belongs to it, `to` does not. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

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

/** A point for each hour, day or month of the span: buckets without traffic are left out of the answer. */
export function fillBuckets(
  items: readonly BandwidthBucket[],
  { from, to }: Span,
  size: BucketSize,
): ChartPoint[] {
  const known = new Map(items.map((item) => [Date.parse(item.start), item]));
  const points: ChartPoint[] = [];
  for (let at = Date.parse(from); at < Date.parse(to); at = next(at, size)) {
    const bucket = known.get(at);
    points.push({ at, values: { down: bucket?.bytesDown ?? 0, up: bucket?.bytesUp ?? 0 } });
  }
  return points;
}

/** Both directions of all buckets. */
export function sumBuckets(items: readonly BandwidthBucket[]): { down: number; up: number } {
  return {
    down: items.reduce((sum, { bytesDown }) => sum + bytesDown, 0),
    up: items.reduce((sum, { bytesUp }) => sum + bytesUp, 0),
  };
}

function next(at: number, size: BucketSize): number {
  const date = new Date(at);
  if (size === 'hour') date.setUTCHours(date.getUTCHours() + 1);
  else if (size === 'day') date.setUTCDate(date.getUTCDate() + 1);
  else date.setUTCMonth(date.getUTCMonth() + 1);
  return date.getTime();
}

function isoAfter(day: string, size: BucketSize): string {
  return new Date(next(Date.parse(`${day}T00:00:00Z`), size)).toISOString();
}
