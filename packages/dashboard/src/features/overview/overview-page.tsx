import { useQuery } from '@tanstack/react-query';
import { PageHeader } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { useNow } from '#lib/now.ts';
import { concernsOf } from './attention.ts';
import { ConcernList, QuotaList } from './concern-lists.tsx';
import { FirstSteps } from './first-steps.tsx';
import { OverviewFacts } from './overview-facts.tsx';
import { OverviewTraffic } from './overview-traffic.tsx';

/** Is everything fine, how much goes through, and what needs somebody. */
export function OverviewPage() {
  const may = usePermissions();
  const now = useNow();
  const { data: stats, error, refetch } = useQuery(queries.overview());
  const { data: devices } = useQuery({ ...queries.devices(), enabled: may('devices:read') });
  const { data: connections } = useQuery({ ...queries.connections(), enabled: may('connections:read') });
  const { data: server } = useQuery({ ...queries.server(), enabled: may('server:read') });
  const concerns =
    devices &&
    connections &&
    concernsOf({ devices, connections, relays: server?.relays ?? [], rotations: stats?.rotations }, now);
  return (
    <>
      <PageHeader title="Overview" />
      {error && !stats ? (
        <ErrorState error={error} title="The overview could not be read" onRetry={() => void refetch()} />
      ) : (
        <>
          {stats && connections && may('connections:write') && <FirstSteps {...{ stats, connections }} />}
          <div className="px-6 pb-4 max-md:px-4">
            <OverviewFacts stats={stats} />
          </div>
          <OverviewTraffic />
          <div className="grid grid-cols-2 max-xl:grid-cols-1">
            <ConcernList concerns={concerns} />
            <QuotaList connections={connections} />
          </div>
        </>
      )}
    </>
  );
}
