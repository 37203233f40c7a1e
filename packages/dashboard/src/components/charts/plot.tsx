import { useMemo } from 'react';
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ResponsiveContainer,
  Tooltip,
  type TooltipContentProps,
  XAxis,
  YAxis,
} from 'recharts';
import { usePreferences } from '#lib/preferences.ts';
import type { ChartPoint, TimeChartProps } from './series.ts';
import { roundTicks } from './ticks.ts';

const TICK = { fill: 'var(--faint)', fontSize: 11, fontFamily: 'var(--font-mono)' };

/** The drawing of a chart. Its values are in the table beside, so that it is hidden from screen readers. */
export function Plot(
  props: TimeChartProps & { readonly points: readonly ChartPoint[]; readonly height: number },
) {
  const { series, points, format, formatTime, kind, bytes, domain, height } = props;
  const { formatTick = formatTime, span = ['dataMin', 'dataMax'] } = props;
  const { byteUnits } = usePreferences();
  const ticks = useMemo(() => {
    const values = points.flatMap((point) => series.map(({ id }) => point.values[id] ?? 0));
    const max = values.reduce((most, value) => Math.max(most, value), 0);
    return roundTicks(max, bytes && byteUnits === 'iec' ? 1024 : 1000);
  }, [points, series, bytes, byteUnits]);
  return (
    <div aria-hidden>
      <ResponsiveContainer width="100%" height={height}>
        <ComposedChart
          accessibilityLayer={false}
          data={points.map(({ at, values }) => ({ at, ...values }))}
          margin={{ top: 4, right: 40, bottom: 0, left: 0 }}
          barGap={1}
        >
          <CartesianGrid vertical={false} stroke="var(--border)" />
          <XAxis
            dataKey="at"
            tickFormatter={(at: number) => formatTick(at)}
            tick={TICK}
            tickLine={false}
            axisLine={false}
            minTickGap={48}
            {...(kind === 'line' && { type: 'number', scale: 'time', domain: [...span] })}
          />
          <YAxis
            tickFormatter={(value: number) => format(value)}
            tick={TICK}
            tickLine={false}
            axisLine={false}
            width={72}
            {...(domain ? { domain: [...domain] } : { ticks, domain: [0, ticks.at(-1) ?? 1] })}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--hover)', stroke: 'var(--border-strong)' }}
            content={(shown) => <Values {...shown} {...{ series, format, formatTime }} />}
          />
          {series.map(({ id, color }) =>
            kind === 'bar' ? (
              <Bar
                key={id}
                dataKey={id}
                fill={color}
                radius={[2, 2, 0, 0]}
                maxBarSize={18}
                isAnimationActive={false}
              />
            ) : (
              <Line
                key={id}
                dataKey={id}
                stroke={color}
                strokeWidth={1.5}
                dot={false}
                connectNulls={false}
                isAnimationActive={false}
              />
            ),
          )}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

type ValuesProps = Pick<TooltipContentProps, 'active' | 'payload' | 'label'> &
  Pick<TimeChartProps, 'series' | 'format' | 'formatTime'>;

function Values({ active, payload, label, series, format, formatTime }: ValuesProps) {
  if (!active || payload.length === 0) return null;
  return (
    <div className="rounded-md border border-border bg-overlay px-2.5 py-1.5 text-xs shadow-lg">
      <p className="figures text-muted">{formatTime(Number(label))}</p>
      {series.map(({ id, label: name, color }) => {
        const value = payload.find(({ dataKey }) => dataKey === id)?.value;
        return (
          <p key={id} className="flex items-center gap-2">
            <span className="size-2 rounded-[2px]" style={{ background: color }} />
            {name}
            <span className="figures ml-auto pl-4">{typeof value === 'number' ? format(value) : '–'}</span>
          </p>
        );
      })}
    </div>
  );
}
