import type { ChartPoint, Zoom } from './series.ts';

/** Fewer show nothing. */
const LEAST_POINTS = 2;

/** The points from one place to another, whichever way they were marked; `null` when they are too few. */
export function zoomBetween(one: number, other: number): Zoom | null {
  const zoom = [Math.min(one, other), Math.max(one, other)] as const;
  return zoom[1] - zoom[0] + 1 < LEAST_POINTS ? null : zoom;
}

/** Half of `count` points, around one of them; `null` when they are too few. */
export function zoomInto(count: number, around: number): Zoom | null {
  const half = Math.ceil(count / 2);
  if (half < LEAST_POINTS || half === count) return null;
  const first = Math.min(Math.max(around - Math.floor(half / 2), 0), count - half);
  return [first, first + half - 1];
}

/** A part of a range that is shown; it goes with the range. */
export interface ZoomedSpan {
  /** Of the range. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** The points of the part, or all where too few of them are in it. */
export function pointsIn(points: readonly ChartPoint[], span: ZoomedSpan | null): readonly ChartPoint[] {
  const inside = span ? points.filter(({ at }) => at >= span.from && at <= span.to) : [];
  return inside.length < LEAST_POINTS ? points : inside;
}
