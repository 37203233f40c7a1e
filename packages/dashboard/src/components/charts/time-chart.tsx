import { lazy, Suspense, useId, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartTable } from './chart-table.tsx';

export interface Series {
  readonly id: string;
  readonly label: string;
  /** A token such as `var(--chart-down)`. */
  readonly color: string;
}

/** Values at one moment, by id of the series; `null` leaves a gap. */
export interface ChartPoint {
  readonly at: number;
  readonly values: Readonly<Record<string, number | null>>;
}

export interface TimeChartProps {
  /** What is shown, as a sentence. */
  readonly label: string;
  readonly series: readonly Series[];
  /** Oldest first; `undefined` while it is read. */
  readonly points: readonly ChartPoint[] | undefined;
  /** With the unit. */
  readonly format: (value: number) => string;
  readonly formatTime: (at: number) => string;
  /** Bars for sums of a time, a line for what was measured. */
  readonly kind: 'bar' | 'line';
  /** Ends of the axis, where they do not follow the values. */
  readonly domain?: readonly [number, number];
  readonly height?: number;
}

/** Drawing is a large library: it comes when the first chart does. */
const Plot = lazy(async () => ({ default: (await import('./plot.tsx')).Plot }));

/** Both directions show traffic in these. */
export const TRAFFIC_SERIES: readonly Series[] = [
  { id: 'down', label: 'Download', color: 'var(--chart-down)' },
  { id: 'up', label: 'Upload', color: 'var(--chart-up)' },
];

/** Values over time, as a picture and, for those who want to read them, as a table. */
export function TimeChart(props: TimeChartProps) {
  const { label, series, points, height = 200 } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure aria-labelledby={id} className="flex min-w-0 flex-col gap-2">
      <figcaption className="flex items-center gap-4 text-xs">
        <span id={id} className="text-muted">
          {label}
        </span>
        {series.length > 1 && <Legend series={series} />}
        <Button
          variant="ghost"
          size="sm"
          className="ml-auto"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'Show chart' : 'Show table'}
        </Button>
      </figcaption>
      <div style={{ minHeight: height }}>
        {points === undefined ? (
          <Skeleton className="w-full" style={{ height }} />
        ) : points.length === 0 ? (
          <p className="grid place-items-center text-faint" style={{ height }}>
            Nothing in this time
          </p>
        ) : asTable ? (
          <ChartTable {...props} points={points} />
        ) : (
          <Suspense fallback={<Skeleton className="w-full" style={{ height }} />}>
            <Plot {...props} points={points} height={height} />
          </Suspense>
        )}
      </div>
    </figure>
  );
}

function Legend({ series }: { readonly series: readonly Series[] }) {
  return (
    <ul className="flex gap-3 text-muted">
      {series.map(({ id, label, color }) => (
        <li key={id} className="flex items-center gap-1.5">
          <span aria-hidden className="size-2 rounded-[2px]" style={{ background: color }} />
          {label}
        </li>
      ))}
    </ul>
  );
}
