import { cn } from '#lib/cn.ts';
import { NOTHING } from '#lib/format.ts';
import { signalBars } from './signal-bars.ts';

const BARS = [1, 2, 3, 4] as const;
const HEIGHTS = ['h-1', 'h-1.5', 'h-2', 'h-2.5'] as const;

/** How well a phone hears its network: bars to scan, and the number they stand for. */
export function Signal({ dbm, className }: { readonly dbm: number | null; readonly className?: string }) {
  if (dbm === null) return <span className="text-faint">{NOTHING}</span>;
  const lit = signalBars(dbm);
  return (
    <span className={cn('inline-flex items-center gap-1.5 whitespace-nowrap align-middle', className)}>
      <span aria-hidden className="inline-flex items-end gap-px">
        {BARS.map((bar, at) => (
          <span
            key={bar}
            className={cn('w-[3px] rounded-[1px]', HEIGHTS[at], bar <= lit ? 'bg-muted' : 'bg-border-strong')}
          />
        ))}
      </span>
      <span className="figures min-w-[4ch] text-right">{dbm}</span>
      <span className="text-faint text-xs">dBm</span>
    </span>
  );
}
