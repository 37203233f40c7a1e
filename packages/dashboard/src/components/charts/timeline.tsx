import { useId, useState } from 'react';
import { formatDuration } from '#lib/format.ts';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

/** What can be the case at a time. */
export interface TimelineState {
  readonly id: string;
  readonly label: string;
  /** A token such as `var(--green)`. */
  readonly color: string;
}

/** A time, in milliseconds since the epoch, during which one state held. */
export interface TimelineSegment {
  readonly state: string;
  readonly from: number;
  readonly to: number;
}

export interface TimelineProps {
  /** What is shown, as a sentence. */
  readonly label: string;
  readonly states: readonly TimelineState[];
  /** Oldest first; `undefined` while they are read. What lies between two of them is not known. */
  readonly segments: readonly TimelineSegment[] | undefined;
  readonly from: number;
  readonly to: number;
  readonly formatTime: (at: number) => string;
  /** Beside the label: a sum, such as `99.2 % online`. */
  readonly summary?: string | undefined;
}

/** Which state held when, as a band and, for those who want to read it, as a table. */
export function Timeline(props: TimelineProps) {
  const { label, states, segments, from, to, formatTime, summary } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure aria-labelledby={id} className="flex min-w-0 flex-col gap-2">
      <figcaption className="flex min-h-7 flex-wrap items-center gap-x-4 text-xs">
        <span id={id} className="text-muted">
          {label}
          {summary !== undefined && <span className="figures text-foreground"> {summary}</span>}
        </span>
        <ul className="flex flex-wrap gap-3 text-muted">
          {states.map((state) => (
            <li key={state.id} className="flex items-center gap-1.5">
              <span aria-hidden className="size-2 rounded-[2px]" style={{ background: state.color }} />
              {state.label}
            </li>
          ))}
        </ul>
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
      {segments === undefined ? (
        <Skeleton className="h-12 w-full" />
      ) : segments.length === 0 ? (
        <p className="grid h-12 place-items-center text-faint">Nothing in this time</p>
      ) : asTable ? (
        <SegmentTable {...props} segments={segments} />
      ) : (
        // As wide as the lines of charts, whose axis and last mark are beside them.
        <div aria-hidden className="flex h-12 flex-col gap-1.5 pr-8 pl-18">
          <Band {...{ states, segments, from, to, formatTime }} />
          <div className="figures flex justify-between text-faint text-xs">
            <span>{formatTime(from)}</span>
            <span className="max-sm:hidden">{formatTime((from + to) / 2)}</span>
            <span>{formatTime(to)}</span>
          </div>
        </div>
      )}
    </figure>
  );
}

type BandProps = Pick<TimelineProps, 'states' | 'from' | 'to' | 'formatTime'> & {
  readonly segments: readonly TimelineSegment[];
};

function Band({ states, segments, from, to, formatTime }: BandProps) {
  const percent = (at: number): number => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * 100;
  return (
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
  );
}

function SegmentTable({
  label,
  states,
  segments,
  formatTime,
}: TimelineProps & { readonly segments: readonly TimelineSegment[] }) {
  return (
    <section
      className="max-h-80 overflow-y-auto rounded-md border border-border"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so it must be reached by keyboard
      tabIndex={0}
      aria-label={label}
    >
      <table className="w-full">
        <thead className="sticky top-0 bg-background text-left text-faint text-xs">
          <tr>
            {['State', 'From', 'To'].map((head) => (
              <th key={head} scope="col" className="px-3 py-1.5 font-normal">
                {head}
              </th>
            ))}
            <th scope="col" className="px-3 py-1.5 text-right font-normal">
              For
            </th>
          </tr>
        </thead>
        <tbody>
          {segments.toReversed().map(({ state, from, to }) => (
            <tr key={from} className="border-border border-t">
              <td className="px-3 py-1">{states.find(({ id }) => id === state)?.label ?? state}</td>
              <td className="figures px-3 py-1">{formatTime(from)}</td>
              <td className="figures px-3 py-1">{formatTime(to)}</td>
              <td className="figures px-3 py-1 text-right">{formatDuration(to - from)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
