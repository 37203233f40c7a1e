import { formatDuration } from '#lib/format.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartFigure, NothingToDraw } from './chart-figure.tsx';
import { MARGIN } from './plot-layout.ts';
import type { Series } from './series.ts';
import { type ValuesColumn, ValuesTable } from './values-table.tsx';

/** A time, in milliseconds since the epoch, during which one state held. */
export interface TimelineSegment {
  readonly state: string;
  readonly from: number;
  readonly to: number;
}

export interface TimelineProps {
  /** What is shown, as a sentence. */
  readonly label: string;
  /** What can be the case at a time. */
  readonly states: readonly Series[];
  /** Oldest first; `undefined` while they are read. What lies between two of them is not known. */
  readonly segments: readonly TimelineSegment[] | undefined;
  readonly from: number;
  readonly to: number;
  readonly formatTime: (at: number) => string;
  /** Beside the label: a sum, such as `99.2 % online`. */
  readonly summary?: string | undefined;
}

const HEIGHT = 48;

/** Which state held when, as a band and, for those who want to read it, as a table. */
export function Timeline(props: TimelineProps) {
  const { label, states, segments, summary } = props;
  const instead =
    segments === undefined ? (
      <Skeleton className="w-full" style={{ height: HEIGHT }} />
    ) : segments.length === 0 ? (
      <NothingToDraw height={HEIGHT} />
    ) : null;
  return (
    <ChartFigure
      {...{ label, summary, height: HEIGHT }}
      legend={states}
      picture={instead ?? <Band {...props} segments={segments ?? []} />}
      table={
        instead ?? (
          <ValuesTable
            label={label}
            columns={columnsOf(props)}
            rows={segments ?? []}
            rowId={({ from }) => from}
          />
        )
      }
    />
  );
}

function Band(props: TimelineProps & { readonly segments: readonly TimelineSegment[] }) {
  const { states, segments, from, to, formatTime } = props;
  const percent = (at: number): number => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * 100;
  return (
    // As wide as the lines of charts, whose axis and last mark are beside them.
    <div
      aria-hidden
      className="flex flex-col gap-1.5"
      style={{ height: HEIGHT, paddingLeft: MARGIN.left, paddingRight: MARGIN.right }}
    >
      <div className="relative h-6 overflow-hidden rounded-sm bg-hover">
        {segments.map((segment) => {
          const state = states.find(({ id }) => id === segment.state);
          const left = percent(segment.from);
          return (
            <span
              key={segment.from}
              // What is shorter than a pixel must still be seen, also at the right end.
              className="absolute inset-y-0 min-w-0.5"
              style={{
                left: `min(${left}%, 100% - 2px)`,
                width: `${percent(segment.to) - left}%`,
                background: state?.color,
              }}
              title={`${state?.label ?? segment.state}: ${formatTime(segment.from)} to ${formatTime(segment.to)}, ${formatDuration(segment.to - segment.from)}`}
            />
          );
        })}
      </div>
      <div className="figures flex justify-between text-faint text-xs">
        <span>{formatTime(from)}</span>
        <span className="max-sm:hidden">{formatTime((from + to) / 2)}</span>
        <span>{formatTime(to)}</span>
      </div>
    </div>
  );
}

function columnsOf({ states, formatTime }: TimelineProps): ValuesColumn<TimelineSegment>[] {
  return [
    {
      ...{ label: 'State', kind: 'word' },
      text: ({ state }) => states.find(({ id }) => id === state)?.label ?? state,
    },
    { label: 'From', kind: 'time', text: ({ from }) => formatTime(from) },
    { label: 'To', kind: 'time', text: ({ to }) => formatTime(to) },
    { label: 'For', kind: 'number', text: ({ from, to }) => formatDuration(to - from) },
  ];
}
