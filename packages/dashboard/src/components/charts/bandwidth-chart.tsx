import type { BandwidthBucket } from '@pocketproxy/protocol/api';
import { useMemo } from 'react';
import { formatBytes } from '#lib/format.ts';
import { type BucketSize, bucketMark, bucketName, fillBuckets, sumBuckets } from './buckets.ts';
import { TRAFFIC_SERIES } from './series.ts';
import { TimeChart } from './time-chart.tsx';

export interface BandwidthChartProps {
  /** `undefined` while they are read; those without traffic may be missing. */
  readonly buckets: readonly BandwidthBucket[] | undefined;
  readonly granularity: BucketSize;
  /** The time that was asked for. */
  readonly from: string;
  readonly to: string;
  readonly height?: number;
}

/** Bytes in both directions by hour, day or month (UTC), and their sums. */
export function BandwidthChart({ buckets, granularity, from, to, height = 200 }: BandwidthChartProps) {
  const points = useMemo(() => {
    // Many empty buckets say no more than that there was nothing.
    if (!buckets || buckets.length === 0) return buckets && [];
    return fillBuckets(buckets, { from, to }, granularity);
  }, [buckets, from, to, granularity]);
  const sum = buckets && buckets.length > 0 ? sumBuckets(buckets) : undefined;
  return (
    <TimeChart
      label={`Bytes by ${granularity}, UTC`}
      summary={sum && `${formatBytes(sum.down)} down, ${formatBytes(sum.up)} up`}
      kind="bar"
      bytes
      series={TRAFFIC_SERIES}
      points={points}
      format={formatBytes}
      formatTime={(at) => bucketName(at, granularity)}
      formatTick={(at) => bucketMark(at, granularity)}
      height={height}
    />
  );
}
