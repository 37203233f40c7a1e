import { lazy, Suspense, useId, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartTable } from './chart-table.tsx';
import type { Series, TimeChartProps } from './series.ts';

/** Drawing is a large library: it comes when the first chart does. */
const Plot = lazy(async () => ({ default: (await import('./plot.tsx')).Plot }));

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
