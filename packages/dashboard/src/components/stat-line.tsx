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
    <dl className="flex flex-wrap gap-y-3">
      {stats.map(({ label, value }) => (
        <div
          key={label}
          className="mr-5 flex min-w-24 flex-col gap-0.5 border-border border-r pr-5 last:mr-0 last:border-r-0"
        >
          <dt className="text-faint text-xs">{label}</dt>
          <dd className="flex h-6 items-center text-lg">
            {value === undefined ? <Skeleton className="w-16" /> : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
