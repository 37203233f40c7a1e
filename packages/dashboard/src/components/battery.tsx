import { BatteryCharging } from 'lucide-react';
import { cn } from '#lib/cn.ts';
import { NOTHING } from '#lib/format.ts';

/** Below this a phone that is not charging is about to be lost. */
const LOW_PERCENT = 15;

export interface BatteryProps {
  readonly percent: number | null;
  readonly charging: boolean | null;
}

/** How full it is, and whether it gets fuller. */
export function Battery({ percent, charging }: BatteryProps) {
  if (percent === null) return <span className="text-faint">{NOTHING}</span>;
  const low = percent <= LOW_PERCENT && !charging;
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap align-middle">
      {charging && <BatteryCharging role="img" aria-label="Charging" className="size-3.5 text-faint" />}
      <span className={cn('figures', low && 'text-red')}>{`${percent}\u00a0%`}</span>
      {low && <span className="sr-only">(low)</span>}
    </span>
  );
}
