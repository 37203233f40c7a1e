import type { ReactNode } from 'react';
import { Skeleton } from './ui/skeleton.tsx';

export interface Stat {
  readonly label: string;
  /** `undefined` while it is read. */
  readonly value: ReactNode | undefined;
}

/** Facts in a row: small labels, figures below, lines between instead of boxes. */
export function StatLine({ stats }: { readonly stats: readonly Stat[] }) {
  return (
    // Every fact has a line before it; those of the first in each row lie outside, and are cut off.
    <div className="overflow-hidden">
      <dl className="-ml-5 flex flex-wrap gap-y-3">
        {stats.map(({ label, value }) => (
          <div key={label} className="-ml-px flex min-w-24 flex-col gap-0.5 border-border border-l px-5">
            <dt className="text-faint text-xs">{label}</dt>
            <dd className="flex h-6 items-center text-lg">
              {value === undefined ? <Skeleton className="w-16" /> : value}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
