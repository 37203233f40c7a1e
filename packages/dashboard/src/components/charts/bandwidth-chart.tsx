import type { BandwidthBucket } from '@pocketproxy/protocol/api';
import { useMemo } from 'react';
import { formatBytes } from '#lib/format.ts';
import { TRAFFIC_SERIES } from './series.ts';
import { TimeChart } from './time-chart.tsx';

export interface BandwidthChartProps {
  /** `undefined` while they are read. */
  readonly buckets: readonly BandwidthBucket[] | undefined;
  readonly granularity: 'hour' | 'day' | 'month';
  readonly height?: number;
}

/** Bytes in both directions by hour, day or month (UTC). */
export function BandwidthChart({ buckets, granularity, height = 200 }: BandwidthChartProps) {
  const points = useMemo(
    () =>
      buckets?.map(({ start, bytesUp, bytesDown }) => ({
        at: Date.parse(start),
        values: { up: bytesUp, down: bytesDown },
      })),
    [buckets],
  );
  return (
    <TimeChart
      label={`Bytes by ${granularity}, UTC`}
      kind="bar"
      bytes
      series={TRAFFIC_SERIES}
      points={points}
      format={formatBytes}
      formatTime={(at) => formatBucket(at, granularity)}
      height={height}
    />
  );
}

function formatBucket(at: number, granularity: BandwidthChartProps['granularity']): string {
  const text = new Date(at).toISOString();
  if (granularity === 'hour') return `${text.slice(5, 10)} ${text.slice(11, 16)}`;
  return granularity === 'day' ? text.slice(0, 10) : text.slice(0, 7);
}
