import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { cn } from '#lib/cn.ts';
import type { BucketSize, Span } from './buckets.ts';
import { RANGES, type RangeName, type RangeSearch } from './range-search.ts';

/** It ends at a full hour, so that the same range is read once. */
export interface Range extends Span {
  readonly name: RangeName;
  readonly granularity: BucketSize;
}

/** Of what is counted: the other ones are for what is sampled. */
const COUNTED: readonly RangeName[] = ['24h', '7d', '30d', '12m'];
const HOUR_MS = 3_600_000;

/** The range in the URL, which ends at the next full hour. */
export function useRange(fallback: RangeName): Range {
  const { range } = useSearch({ strict: false }) as RangeSearch;
  const name = range ?? fallback;
  return useMemo(() => {
    const { hours, granularity } = RANGES[name];
    const end = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
    return {
      ...{ name, granularity },
      from: new Date(end - hours * HOUR_MS).toISOString(),
      to: new Date(end).toISOString(),
    };
  }, [name]);
}

/** Picks the range; it is kept in the URL. */
export function RangePicker({ value, names = COUNTED }: { value: RangeName; names?: readonly RangeName[] }) {
  const navigate = useNavigate();
  const pick = (range: RangeName): void =>
    void navigate({
      to: '.',
      search: ((old: object) => ({ ...old, range })) as never,
      replace: true,
      resetScroll: false,
    });
  return (
    <fieldset aria-label="Range" className="flex rounded-md border border-border p-0.5">
      {names.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === value}
          onClick={() => pick(name)}
          className={cn(
            'h-6 rounded-sm px-2 text-muted text-xs transition-colors hover:text-foreground',
            name === value && 'bg-hover text-foreground',
          )}
        >
          {RANGES[name].label}
        </button>
      ))}
    </fieldset>
  );
}
