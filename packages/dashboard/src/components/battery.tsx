import { NOTHING } from '#lib/format.ts';

/** Below this a phone that is not charging is about to be lost. */
const LOW_PERCENT = 15;
/** A battery with a bolt in it, in one path. */
const CHARGING =
  'M6 7H4a2 2 0 0 0-2 2v6a2 2 0 0 0 2 2h1M14 7h2a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2h-3M22 11v2M11 6l-4 6h5l-4 6';

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
      {charging && (
        <svg
          role="img"
          aria-label="Charging"
          viewBox="0 0 24 24"
          className="size-3.5 fill-none stroke-2 stroke-faint [stroke-linecap:round] [stroke-linejoin:round]"
        >
          <path d={CHARGING} />
        </svg>
      )}
      <span className={low ? 'figures text-red' : 'figures'}>{`${percent}\u00a0%`}</span>
      {low && <span className="sr-only">(low)</span>}
    </span>
  );
}
