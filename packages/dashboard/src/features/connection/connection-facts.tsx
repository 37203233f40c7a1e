import type { ConnectionView } from '@pocketproxy/protocol/api';
import { nextPeriod } from '#components/connections/quota.ts';
import { Flows, Usage } from '#components/connections/usage.tsx';
import { StatLine } from '#components/stat-line.tsx';
import { Time } from '#components/time.tsx';
import { useNow } from '#lib/now.ts';

/** How much it has used of what it may, now. */
export function ConnectionFacts({ connection }: { readonly connection: ConnectionView }) {
  const { speedLimitMbps, expiresAt, usedSince } = connection;
  const anew = nextPeriod(connection, useNow());
  const limited = speedLimitMbps === null ? 'No limit' : `${speedLimitMbps} Mbit/s`;
  return (
    <div className="px-6 pb-5 max-md:px-4">
      <StatLine
        stats={[
          { label: 'Used', value: <Usage connection={connection} /> },
          { label: 'Open flows', value: <Flows {...connection} /> },
          { label: 'Speed', value: <span className="figures">{limited}</span> },
          anew === null
            ? {
                label: 'Counts since',
                value: <Time at={usedSince} />,
              }
            : { label: 'Quota begins anew', value: <Time at={new Date(anew).toISOString()} /> },
          { label: 'Expires', value: <Time at={expiresAt} none="never" /> },
        ]}
      />
    </div>
  );
}
