import type { ConnectionView } from '@pocketproxy/protocol/api';
import { cn } from '#lib/cn.ts';
import { formatBytes } from '#lib/format.ts';
import { Progress } from '../ui/progress.tsx';
import { periodWord, usedShare } from './quota.ts';

type Used = Pick<ConnectionView, 'usedBytes' | 'quotaBytes' | 'quotaPeriod'>;

/** What is used of what may be: `4.10 GiB / 10.0 GiB a month`, with a bar where there is a quota. */
export function Usage({ connection, className }: { connection: Used; className?: string }) {
  const { usedBytes, quotaBytes } = connection;
  const share = usedShare(connection);
  return (
    <span className={cn('inline-flex items-center gap-2.5', className)}>
      <span className="figures whitespace-nowrap">
        {formatBytes(usedBytes)}
        {quotaBytes !== null && (
          <span className="text-faint">
            {` / ${formatBytes(quotaBytes)} `}
            <span className="font-sans">{periodWord(connection).trim()}</span>
          </span>
        )}
      </span>
      {share !== null && (
        <Progress
          value={share}
          label={`${Math.round(share * 100)} % of the quota is used`}
          className="w-10 shrink-0"
        />
      )}
    </span>
  );
}

/** How many flows are open, and of how many; fades when that changes. */
export function Flows({ openFlows, maxFlows }: Pick<ConnectionView, 'openFlows' | 'maxFlows'>) {
  return (
    <span className="figures whitespace-nowrap">
      <span key={openFlows} className={openFlows > 0 ? 'animate-changed' : 'text-faint'}>
        {openFlows}
      </span>
      {maxFlows !== null && <span className="text-faint">{` / ${maxFlows}`}</span>}
    </span>
  );
}
