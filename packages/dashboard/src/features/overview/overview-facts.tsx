import type { StatsOverview } from '@pocketproxy/protocol/api';
import { Link } from '@tanstack/react-router';
import { StatLine } from '#components/stat-line.tsx';
import { Status } from '#components/status.tsx';
import { Traffic } from '#components/traffic.tsx';
import { formatCount, formatRate } from '#lib/format.ts';
import { successOf } from './attention.ts';
import { useTrafficNow } from './use-traffic-now.ts';

/** How everything stands, in one line. */
export function OverviewFacts({ stats }: { readonly stats: StatsOverview | undefined }) {
  const rate = useTrafficNow();
  const { rate: success, total } = successOf(stats?.rotations);
  const devices = stats?.devices;
  return (
    <StatLine
      stats={[
        {
          label: 'Phones',
          value: devices && (
            <Link to="/devices" className="flex flex-wrap gap-x-3 rounded-sm hover:underline">
              <Status
                tone={devices.online > 0 ? 'good' : 'idle'}
                word={`${formatCount(devices.online)} online`}
              />
              {devices.reconnecting > 0 && (
                <Status tone="busy" word={`${formatCount(devices.reconnecting)} reconnecting`} />
              )}
              {devices.offline > 0 && <Status tone="bad" word={`${formatCount(devices.offline)} offline`} />}
            </Link>
          ),
        },
        {
          label: 'Traffic now',
          value:
            rate === null ? (
              <span className="text-faint">measuring</span>
            ) : (
              <Figure text={formatRate(rate)} />
            ),
        },
        {
          label: 'Today',
          value: stats && <Traffic down={stats.today.bytesDown} up={stats.today.bytesUp} />,
        },
        {
          label: 'Rotations today',
          value: stats && (
            <span className="flex items-baseline gap-2">
              <Figure text={formatCount(total)} />
              {success !== null && (
                <span className="text-muted text-xs">{`${Math.round(success * 100)} % new address`}</span>
              )}
            </span>
          ),
        },
        {
          label: 'Connections',
          value: stats && (
            <Link to="/connections" className="flex items-baseline gap-2 rounded-sm hover:underline">
              <Figure text={formatCount(stats.connections.enabled)} />
              {stats.connections.total > stats.connections.enabled && (
                <span className="text-muted text-xs">
                  {`${formatCount(stats.connections.total - stats.connections.enabled)} disabled`}
                </span>
              )}
            </Link>
          ),
        },
      ]}
    />
  );
}

function Figure({ text }: { readonly text: string }) {
  return <span className="figures">{text}</span>;
}
