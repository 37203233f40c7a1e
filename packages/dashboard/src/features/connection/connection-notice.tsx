import type { ConnectionView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { nextPeriod } from '#components/connections/quota.ts';
import { Time } from '#components/time.tsx';
import { Alert } from '#components/ui/alert.tsx';
import { queries } from '#lib/api/queries.ts';
import { useNow } from '#lib/now.ts';

/** Why nobody gets through now, and what to do; nothing while everything is well. */
export function ConnectionNotice({ connection }: { readonly connection: ConnectionView }) {
  const { data: device } = useQuery(queries.device(connection.deviceId));
  const now = useNow();
  const { status, expiresAt } = connection;
  if (status === 'active' && device?.status !== 'offline') return null;
  const anew = nextPeriod(connection, now);
  return (
    <div className="px-6 pb-4 max-md:px-4">
      {status === 'quota_exceeded' && (
        <Alert tone="error" title="The quota is spent: clients are refused">
          Raise the quota or reset the usage.
          {anew !== null && (
            <>
              {' '}
              It begins anew <Time at={new Date(anew).toISOString()} />.
            </>
          )}
        </Alert>
      )}
      {status === 'expired' && (
        <Alert tone="error" title="Its time is over: clients are refused">
          It expired <Time at={expiresAt} />. Set a later date under Limits.
        </Alert>
      )}
      {status === 'disabled' && (
        <Alert title="Disabled: clients are refused">Enable it, and they are let in again.</Alert>
      )}
      {status === 'active' && (
        <Alert tone="warning" title="The phone is offline: clients have to wait">
          They are told to try again later, until {device?.name} is back. It was seen{' '}
          <Time at={device?.lastSeenAt} none="never" />.
        </Alert>
      )}
    </div>
  );
}
