import { cn } from '#lib/cn.ts';
import { NOTHING } from '#lib/format.ts';
import { signalBars } from './signal-bars.ts';

/** How well a phone hears its network: bars to scan, and the number they stand for. */
export function Signal({ dbm, className }: { readonly dbm: number | null; readonly className?: string }) {
  if (dbm === null) return <span className="text-faint">{NOTHING}</span>;
  return (
    <span className={cn('inline-flex items-center gap-1.5 whitespace-nowrap align-middle', className)}>
      <span aria-hidden data-lit={signalBars(dbm)} className="signal-bars" />
      <span className="figures min-w-[4ch] text-right">{dbm}</span>
      <span className="text-faint text-xs">dBm</span>
    </span>
  );
}
