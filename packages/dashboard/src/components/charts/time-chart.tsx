import { useState } from 'react';
import { NOTHING } from '#lib/format.ts';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartFigure, NothingToDraw } from './chart-figure.tsx';
import { Plot } from './plot.tsx';
import type { ChartPoint, TimeChartProps, Zoom } from './series.ts';
import { type ValuesColumn, ValuesTable } from './values-table.tsx';
import { pointsIn, type ZoomedSpan } from './zoom.ts';

/** Values over time, as a picture and, for those who want to read them, as a table. Shows a part of them when asked to. */
export function TimeChart(props: TimeChartProps) {
  const { label, summary, series, height = 200 } = props;
  const { points, span, onZoom, onShowAll } = useZoom(props);
  const instead =
    points === undefined ? (
      <Skeleton className="w-full" style={{ height }} />
    ) : points.length === 0 ? (
      <NothingToDraw height={height} />
    ) : null;
  return (
    <ChartFigure
      {...{ label, summary, height }}
      legend={series.length > 1 ? series : []}
      action={
        onShowAll && (
          <Button variant="ghost" size="sm" onClick={onShowAll}>
            Show whole range
          </Button>
        )
      }
      picture={
        instead ?? (
          <Plot {...props} {...{ span, onZoom, height }} points={points ?? []} onShowAll={onShowAll} />
        )
      }
      table={
        instead ?? (
          <ValuesTable label={label} columns={columnsOf(props)} rows={points ?? []} rowId={({ at }) => at} />
        )
      }
    />
  );
}

/** The part that is shown, which ends with the range that it is of. */
function useZoom({ points, span }: TimeChartProps) {
  const [zoomed, setZoomed] = useState<ZoomedSpan | null>(null);
  const start = span?.[0] ?? points?.[0]?.at;
  const current = zoomed?.start === start ? zoomed : null;
  const shown = points && pointsIn(points, current);
  const isPart = shown !== points;
  return {
    points: shown,
    span: isPart && current ? ([current.from, current.to] as const) : span,
    onZoom: ([first, last]: Zoom): void => {
      const [from, to] = [shown?.[first]?.at, shown?.[last]?.at];
      if (start !== undefined && from !== undefined && to !== undefined) setZoomed({ start, from, to });
    },
    onShowAll: isPart ? () => setZoomed(null) : undefined,
  };
}

function columnsOf({ series, format, formatTime }: TimeChartProps): ValuesColumn<ChartPoint>[] {
  return [
    { label: 'Time', kind: 'time', text: ({ at }) => formatTime(at) },
    ...series.map(
      ({ id, label }): ValuesColumn<ChartPoint> => ({
        ...{ label, kind: 'number' },
        text: ({ values }) => {
          const value = values[id];
          return value === null || value === undefined ? NOTHING : format(value);
        },
      }),
    ),
  ];
}
