import { Status, type Tone } from '#components/status.tsx';
import { Tooltip } from '#components/ui/tooltip.tsx';
import { cn } from '#lib/cn.ts';
import { useLiveState } from '#lib/live/live.ts';
import type { LiveState } from '#lib/live/live-connection.ts';

const SHOWN: Readonly<Record<LiveState, readonly [Tone, string, string]>> = {
  live: ['good', 'Live', 'Changes show as they happen'],
  connecting: ['busy', 'Connecting…', 'Changes will show as they happen'],
  reconnecting: ['busy', 'Reconnecting…', 'What you see may be old until the server is back'],
  off: ['idle', 'Not live', 'Nobody is signed in'],
};

/** Whether this page hears of changes. */
export function LiveIndicator({ compact = false }: { readonly compact?: boolean }) {
  const [tone, word, text] = SHOWN[useLiveState()];
  return (
    <Tooltip text={compact ? `${word}: ${text}` : text}>
      <span role="status" className={cn('text-muted text-xs', compact && '[&_span:last-child]:sr-only')}>
        <Status tone={tone} word={word} />
      </span>
    </Tooltip>
  );
}
