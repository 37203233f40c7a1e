import type { ReactNode } from 'react';
import { cn } from '#lib/cn.ts';
import { Skeleton } from './ui/skeleton.tsx';

/** A name, and what it is; `undefined` while that is read. */
export type Fact = readonly [string, ReactNode | undefined];

export interface FactsProps {
  readonly facts: readonly Fact[];
  /** In a sheet, where there is less room. */
  readonly narrow?: boolean;
}

/** Names on the left, what they are on the right. */
export function Facts({ facts, narrow }: FactsProps) {
  return (
    <dl
      className={cn(
        'grid max-w-2xl items-baseline gap-y-2',
        narrow ? 'grid-cols-[6rem_1fr] gap-x-3' : 'grid-cols-[9rem_1fr] gap-x-4',
      )}
    >
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          {value === undefined ? (
            <dd className="min-w-0 self-center">
              <Skeleton className="w-48" />
            </dd>
          ) : (
            <dd className="min-w-0">{value}</dd>
          )}
        </div>
      ))}
    </dl>
  );
}
