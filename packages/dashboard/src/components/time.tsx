import { formatExact, formatRelative, NOTHING } from '#lib/format.ts';
import { useNow } from '#lib/now.ts';
import { Tooltip } from './ui/tooltip.tsx';

export interface TimeProps {
  readonly at: string | null | undefined;
  /** Stands where there is no time, such as `never`. */
  readonly none?: string;
}

/** How long ago or how soon something is, with the exact time on hover and on focus. */
export function Time({ at, none = NOTHING }: TimeProps) {
  const now = useNow();
  if (at === null || at === undefined) return <span className="text-faint">{none}</span>;
  return (
    <Tooltip text={<span className="figures">{formatExact(at)}</span>}>
      <time dateTime={at} className="figures whitespace-nowrap">
        {formatRelative(Date.parse(at), now)}
      </time>
    </Tooltip>
  );
}
