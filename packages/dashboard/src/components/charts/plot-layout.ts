import { bisector, ticks as linearTicks } from 'd3-array';
import { timeTicks } from 'd3-time';
import type { ChartPoint, TimeChartProps } from './series.ts';
import { roundTicks } from './ticks.ts';

/** Around the part that is drawn in: marks of values on the left, of times below. Timelines keep to the same sides. */
export const MARGIN = { top: 6, right: 40, bottom: 24, left: 72 } as const;
/** Of the marks; the font is monospaced, so that a text is as wide as it is long. */
export const TICK_FONT_PX = 11;
const CHARACTER_PX = TICK_FONT_PX * 0.6;
const TICK_GAP_PX = 28;
/** About so many, at round numbers. */
const VALUE_MARKS = 4;
const MOST_BAR_PX = 18;
/** Between bars of one point. */
export const BAR_GAP_PX = 1;
/** Of the room of a point, what its bars take. */
const BARS_SHARE = 0.8;
/** So many bars from one marked bar to the next; for hours they meet midnight and noon. */
const STRIDES = [1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 96, 168, 336, 744];
const DAY_MS = 24 * 3_600_000;

export interface Mark {
  /** In pixels, from the left or from the top. */
  readonly at: number;
  readonly text: string;
}

/** Where everything of a chart is, in pixels from its upper left corner. */
export interface PlotLayout {
  readonly width: number;
  readonly height: number;
  /** Middle of a point. */
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  /** Room of one point: bars of all series fit into it. */
  readonly step: number;
  /** Of one bar. */
  readonly barWidth: number;
  readonly times: readonly Mark[];
  readonly values: readonly Mark[];
  /** The point nearest to a place. */
  readonly indexAt: (x: number) => number;
}

export type PlotInput = Pick<
  TimeChartProps,
  'series' | 'format' | 'formatTime' | 'formatTick' | 'span' | 'kind' | 'bytes' | 'domain'
> & {
  /** At least one. */
  readonly points: readonly ChartPoint[];
  readonly width: number;
  readonly height: number;
  readonly byteUnits: 'iec' | 'si';
};

/** Lays a chart out. */
export function layOut(input: PlotInput): PlotLayout {
  const { width, height } = input;
  const horizontal = input.kind === 'bar' ? bands(input) : moments(input);
  return { width, height, ...vertical(input), ...horizontal };
}

type Horizontal = Pick<PlotLayout, 'x' | 'step' | 'barWidth' | 'times' | 'indexAt'>;

/** Each point has the same room, however long its month is. */
function bands({ points, series, width, formatTime, formatTick = formatTime }: PlotInput): Horizontal {
  const step = roomOf(width) / points.length;
  const x = (index: number): number => MARGIN.left + (index + 0.5) * step;
  const group = Math.min(step * BARS_SHARE, series.length * (MOST_BAR_PX + BAR_GAP_PX) - BAR_GAP_PX);
  const texts = points.map(({ at }) => formatTick(at));
  const stride = strideOf(texts, step);
  // Strides of hours begin at a midnight, wherever the first hour is.
  const midnight = Math.max(
    0,
    points.findIndex(({ at }) => at % DAY_MS === 0),
  );
  return {
    ...{ x, step },
    barWidth: Math.max((group - BAR_GAP_PX * (series.length - 1)) / series.length, 0.5),
    times: texts.flatMap((text, index) =>
      (index - midnight) % stride === 0 ? [{ at: x(index), text }] : [],
    ),
    indexAt: (at) => Math.min(Math.max(Math.floor((at - MARGIN.left) / step), 0), points.length - 1),
  };
}

const BY_TIME = bisector(({ at }: ChartPoint) => at);

/** Points are where their time is. */
function moments(input: PlotInput): Horizontal {
  const { points, width, formatTime, formatTick = formatTime } = input;
  const [from, to] = input.span ?? [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const perMs = roomOf(width) / Math.max(to - from, 1);
  const x = (at: number): number => MARGIN.left + (at - from) * perMs;
  const most = Math.floor(roomOf(width) / (textWidth(formatTick(to)) + TICK_GAP_PX));
  const marks = timeTicks(new Date(from), new Date(to), Math.max(1, most)).map((time) => ({
    at: x(time.getTime()),
    text: formatTick(time.getTime()),
  }));
  return {
    x: (index) => x(points[index]?.at ?? from),
    ...{ step: 0, barWidth: 0 },
    // Noon has the same date as the midnight before it.
    times: marks.filter(({ text }, index) => text !== marks[index - 1]?.text),
    indexAt: (at) => BY_TIME.center(points, from + (at - MARGIN.left) / perMs),
  };
}

/** Values from the lowest mark to the highest. */
function vertical(input: PlotInput): Pick<PlotLayout, 'y' | 'values'> {
  const { points, series, height, domain, format, bytes, byteUnits } = input;
  const known = points.flatMap(({ values }) => series.flatMap(({ id }) => values[id] ?? []));
  const most = known.reduce((max, value) => Math.max(max, value), domain?.[1] ?? 0);
  const least = known.reduce((min, value) => Math.min(min, value), domain?.[0] ?? 0);
  const ticks = domain
    ? linearTicks(least, most, VALUE_MARKS)
    : roundTicks(most, bytes && byteUnits === 'iec' ? 1024 : 1000);
  const [low, high] = domain ? [least, most] : [0, ticks.at(-1) ?? 1];
  const bottom = height - MARGIN.bottom;
  const y = (value: number): number => bottom - ((value - low) / (high - low)) * (bottom - MARGIN.top);
  return { y, values: ticks.map((value) => ({ at: y(value), text: format(value) })) };
}

/** Width of the part that is drawn in. */
function roomOf(width: number): number {
  return Math.max(width - MARGIN.left - MARGIN.right, 1);
}

function strideOf(texts: readonly string[], step: number): number {
  const room = texts.reduce((most, text) => Math.max(most, textWidth(text)), 0) + TICK_GAP_PX;
  return STRIDES.find((stride) => stride * step >= room) ?? texts.length;
}

function textWidth(text: string): number {
  return text.length * CHARACTER_PX;
}
