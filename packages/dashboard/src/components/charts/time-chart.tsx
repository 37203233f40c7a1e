import { NOTHING } from '#lib/format.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartFigure, NothingToDraw } from './chart-figure.tsx';
import { Plot } from './plot.tsx';
import type { ChartPoint, TimeChartProps } from './series.ts';
import { type ValuesColumn, ValuesTable } from './values-table.tsx';

/** Values over time, as a picture and, for those who want to read them, as a table. */
export function TimeChart(props: TimeChartProps) {
  const { label, summary, series, points, height = 200 } = props;
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
      picture={instead ?? <Plot {...props} points={points ?? []} height={height} />}
      table={
        instead ?? (
          <ValuesTable label={label} columns={columnsOf(props)} rows={points ?? []} rowId={({ at }) => at} />
        )
      }
    />
  );
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
