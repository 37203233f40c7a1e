import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { PageHeader } from '#components/page.tsx';
import { EmptyState, ErrorState } from '#components/states.tsx';
import { ConnectionStatus } from '#components/status.tsx';
import { queries } from '#lib/api/queries.ts';

const route = getRouteApi('/shell/connections/$id');

export function ConnectionPage() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(queries.connection(id));
  if (error && !data) {
    return (
      <ErrorState error={error} title="The connection could not be read" onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      <PageHeader
        title={data?.name ?? 'Connection'}
        crumbs={[{ label: 'Connections', to: '/connections' }]}
        aside={data && <ConnectionStatus status={data.status} />}
      />
      <EmptyState title="This page comes soon">Until then the API does it: see /api/v1/docs.</EmptyState>
    </>
  );
}
