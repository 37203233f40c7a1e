import { queryOptions, useQuery } from '@tanstack/react-query';
import { BandwidthChart } from '#components/charts/bandwidth-chart.tsx';
import type { BucketSize, Span } from '#components/charts/buckets.ts';
import { RangePicker, useRange } from '#components/charts/range.tsx';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { api } from '#lib/api/client.ts';

type Query = Span & { readonly granularity: BucketSize };

/** Its key begins like that of the sums, which the live feed outdates. */
const bandwidthQuery = (query: Query) =>
  queryOptions({
    queryKey: ['overview', 'bandwidth', query],
    queryFn: ({ signal }) => api.get('/stats/bandwidth', { query, signal }),
  });

/** What went through all phones together. */
export function OverviewTraffic() {
  const { name, from, to, granularity } = useRange('24h');
  const { data, error, refetch } = useQuery(bandwidthQuery({ granularity, from, to }));
  return (
    <Section title="Traffic" actions={<RangePicker value={name} />}>
      {error && !data ? (
        <ErrorState error={error} title="Traffic could not be read" onRetry={() => void refetch()} />
      ) : (
        <BandwidthChart buckets={data?.items} {...{ granularity, from, to }} />
      )}
    </Section>
  );
}
