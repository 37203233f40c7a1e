import { NOTHING } from '#lib/format.ts';
import type { ChartPoint, TimeChartProps } from './series.ts';

/** The values of a chart, the newest first. */
export function ChartTable(props: TimeChartProps & { readonly points: readonly ChartPoint[] }) {
  const { label, series, points, format, formatTime } = props;
  return (
    <section
      className="max-h-80 overflow-y-auto rounded-md border border-border"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so it must be reached by keyboard
      tabIndex={0}
      aria-label={label}
    >
      <table className="w-full">
        <thead className="sticky top-0 bg-background text-faint text-xs">
          <tr>
            <th scope="col" className="px-3 py-1.5 text-left font-normal">
              Time
            </th>
            {series.map(({ id, label: name }) => (
              <th key={id} scope="col" className="px-3 py-1.5 text-right font-normal">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.toReversed().map(({ at, values }) => (
            <tr key={at} className="border-border border-t">
              <td className="figures px-3 py-1">{formatTime(at)}</td>
              {series.map(({ id }) => {
                const value = values[id];
                return (
                  <td key={id} className="figures px-3 py-1 text-right">
                    {value === null || value === undefined ? NOTHING : format(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
