import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { PageHeader } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { isGone } from '#lib/api/api-error.ts';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { AllowlistForm } from './allowlist-form.tsx';
import { ConnectionFacts } from './connection-facts.tsx';
import { ConnectionHeader } from './connection-header.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import { ConnectionSkeleton } from './connection-skeleton.tsx';
import { EndpointsSection } from './endpoints-section.tsx';
import { GeneralForm } from './general-form.tsx';
import { LimitsForm } from './limits-form.tsx';
import { LinksSection } from './links-section.tsx';
import { TrafficSection } from './traffic-section.tsx';

const route = getRouteApi('/shell/connections/$id');

/** One connection: whether it works, what it has used, how it is reached, and what it may. */
export function ConnectionPage() {
  const { id } = route.useParams();
  const { data: connection, error, refetch } = useQuery(queries.connection(id));
  const mayWrite = usePermissions()('connections:write');
  if (error && (!connection || isGone(error))) {
    return (
      <>
        <PageHeader title="Connection" crumbs={[{ label: 'Connections', to: '/connections' }]} />
        <ErrorState error={error} title="The connection could not be read" onRetry={() => void refetch()} />
      </>
    );
  }
  if (!connection) return <ConnectionSkeleton />;
  return (
    <>
      <ConnectionHeader connection={connection} />
      <ConnectionNotice connection={connection} />
      <ConnectionFacts connection={connection} />
      <div className="grid border-border border-t xl:grid-cols-[minmax(0,1fr)_23rem]">
        <div className="flex min-w-0 flex-col">
          <TrafficSection id={id} name={connection.name} />
          <EndpointsSection connection={connection} />
          <LinksSection deviceId={connection.deviceId} />
        </div>
        {mayWrite && (
          <div className="flex min-w-0 flex-col divide-y divide-border border-border max-xl:border-t xl:border-l">
            <LimitsForm connection={connection} />
            <AllowlistForm connection={connection} />
            <GeneralForm connection={connection} />
          </div>
        )}
      </div>
    </>
  );
}
