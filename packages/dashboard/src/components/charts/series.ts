/** What a colour stands for: one line or row of bars, one state of a timeline. */
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
  /** Beside the label: a sum, such as `1.2 GiB down, 80 MiB up`. */
  readonly summary?: string | undefined;
  readonly series: readonly Series[];
  /** Oldest first; `undefined` while it is read. */
  readonly points: readonly ChartPoint[] | undefined;
  /** With the unit. */
  readonly format: (value: number) => string;
  readonly formatTime: (at: number) => string;
  /** Shorter, for the marks of the axis. */
  readonly formatTick?: (at: number) => string;
  /** Ends of the time axis of a line, so that charts below each other show the same time. */
  readonly span?: readonly [number, number] | undefined;
  /** Bars for sums of a time, a line for what was measured. */
  readonly kind: 'bar' | 'line';
  /** The values are bytes, which are marked at round numbers of the chosen units. */
  readonly bytes?: boolean;
  /** Ends of the axis, where they do not follow the values. */
  readonly domain?: readonly [number, number];
  readonly height?: number;
}

/** Places of the first and the last point of a part. */
export type Zoom = readonly [first: number, last: number];

/** What a chart is drawn from once it is read. */
export interface PlotProps extends TimeChartProps {
  /** At least one. */
  readonly points: readonly ChartPoint[];
  readonly height: number;
  readonly onZoom: (zoom: Zoom) => void;
  /** Only while a part is shown. */
  readonly onShowAll: (() => void) | undefined;
}

/** Both directions show traffic in these. */
export const TRAFFIC_SERIES: readonly Series[] = [
  { id: 'down', label: 'Download', color: 'var(--chart-down)' },
  { id: 'up', label: 'Upload', color: 'var(--chart-up)' },
];
