import type { BandwidthBucket } from '@pocketproxy/protocol/api';
import type { ChartPoint } from './series.ts';

export type BucketSize = 'hour' | 'day' | 'month';

/** A time, as traffic is counted: `from` belongs to it, `to` does not. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** A point for each hour, day or month (UTC) of the span: buckets without traffic are left out of the answer. */
export function fillBuckets(
  items: readonly BandwidthBucket[],
  { from, to }: Span,
  size: BucketSize,
): ChartPoint[] {
  const known = new Map(items.map((item) => [Date.parse(item.start), item]));
  const points: ChartPoint[] = [];
  for (let at = bucketStart(Date.parse(from), size); at < Date.parse(to); at = nextBucket(at, size)) {
    const bucket = known.get(at);
    points.push({ at, values: { down: bucket?.bytesDown ?? 0, up: bucket?.bytesUp ?? 0 } });
  }
  return points;
}

/** When the bucket after the one that begins at `at` begins. */
export function nextBucket(at: number, size: BucketSize): number {
  const date = new Date(at);
  if (size === 'hour') date.setUTCHours(date.getUTCHours() + 1);
  else if (size === 'day') date.setUTCDate(date.getUTCDate() + 1);
  else date.setUTCMonth(date.getUTCMonth() + 1);
  return date.getTime();
}

/** Both directions of all buckets. */
export function sumBuckets(items: readonly BandwidthBucket[]): { down: number; up: number } {
  return {
    down: items.reduce((sum, { bytesDown }) => sum + bytesDown, 0),
    up: items.reduce((sum, { bytesUp }) => sum + bytesUp, 0),
  };
}

/** What a bucket is called: `11-24 13:00`, `2026-11-24`, `2026-11`. */
export function bucketName(at: number, size: BucketSize): string {
  const text = new Date(at).toISOString();
  if (size === 'hour') return `${text.slice(5, 10)} ${text.slice(11, 16)}`;
  return text.slice(0, size === 'day' ? 10 : 7);
}

/** Shorter, where those around it tell the rest: `13:00`, at midnight `11-24`; `11-24`; `2026-11`. */
export function bucketMark(at: number, size: BucketSize): string {
  const text = new Date(at).toISOString();
  if (size === 'month') return text.slice(0, 7);
  const [day, time] = [text.slice(5, 10), text.slice(11, 16)];
  return size === 'day' || time === '00:00' ? day : time;
}

function bucketStart(at: number, size: BucketSize): number {
  const date = new Date(at);
  if (size === 'hour') date.setUTCMinutes(0, 0, 0);
  else date.setUTCHours(0, 0, 0, 0);
  if (size === 'month') date.setUTCDate(1);
  return date.getTime();
}
