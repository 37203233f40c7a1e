import { BAR_GAP_PX, type PlotLayout } from './plot-layout.ts';
import type { ChartPoint } from './series.ts';

const RADIUS_PX = 2;

/** All bars of the series with this id, which stands `place` from the left in each group of `count`. */
export function barsPath(
  layout: PlotLayout,
  points: readonly ChartPoint[],
  id: string,
  place: number,
  count: number,
): string {
  const { x, y, barWidth } = layout;
  const group = count * barWidth + (count - 1) * BAR_GAP_PX;
  const bottom = y(0);
  return points
    .map(({ values }, index) => {
      const value = values[id] ?? 0;
      const left = x(index) - group / 2 + place * (barWidth + BAR_GAP_PX);
      // Little beside much is still something.
      return value > 0 ? barPath(left, bottom, barWidth, Math.max(bottom - y(value), 1)) : '';
    })
    .join('');
}

/** A line through the values of the series with this id, broken where there are none. */
export function linePath({ x, y }: PlotLayout, points: readonly ChartPoint[], id: string): string {
  let command = 'M';
  return points
    .map(({ values }, index) => {
      const value = values[id];
      if (typeof value !== 'number') {
        command = 'M';
        return '';
      }
      const place = `${command}${round(x(index))},${round(y(value))}`;
      // A line of no length is drawn, too: one value between two gaps is a dot.
      const dot = command === 'M' ? 'h0' : '';
      command = 'L';
      return place + dot;
    })
    .join('');
}

/** Round at the top only. */
function barPath(left: number, bottom: number, width: number, height: number): string {
  const radius = Math.min(RADIUS_PX, width / 2, height);
  const [straight, flat] = [height - radius, width - 2 * radius];
  const arc = (dx: number, dy: number): string =>
    `a${round(radius)},${round(radius)},0,0,1,${round(dx)},${round(dy)}`;
  return [
    `M${round(left)},${round(bottom)}v${round(-straight)}`,
    ...[arc(radius, -radius), `h${round(flat)}`, arc(radius, radius)],
    `v${round(straight)}z`,
  ].join('');
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
