import { useState } from 'react';
import { formatExact, formatRelative, NOTHING } from '#lib/format.ts';
import { useNow } from '#lib/now.ts';
import { Tooltip } from './ui/tooltip.tsx';

export interface TimeProps {
  readonly at: string | null | undefined;
  /** Stands where there is no time, such as `never`. */
  readonly none?: string;
}

/** How long ago or how soon something is, with the exact time on hover. */
export function Time({ at, none = NOTHING }: TimeProps) {
  const now = useNow();
  // Lists have hundreds of them, and few are ever pointed at.
  const [pointedAt, setPointedAt] = useState(false);
  if (at === null || at === undefined) return <span className="text-faint">{none}</span>;
  const time = (
    <time
      dateTime={at}
      className="figures whitespace-nowrap"
      onPointerEnter={pointedAt ? undefined : () => setPointedAt(true)}
    >
      {formatRelative(Date.parse(at), now)}
    </time>
  );
  return pointedAt ? (
    <Tooltip text={<span className="figures">{formatExact(at)}</span>}>{time}</Tooltip>
  ) : (
    time
  );
}
