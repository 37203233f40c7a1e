import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { RangePicker, useRange } from '#components/charts/range.tsx';
import { TRAFFIC_SERIES } from '#components/charts/series.ts';
import { TimeChart } from '#components/charts/time-chart.tsx';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { queries } from '#lib/api/queries.ts';
import { formatBytes } from '#lib/format.ts';

const route = getRouteApi('/shell/devices/$id');

/** What went through the phone. */
export function UsageTab() {
  const { id } = route.useParams();
  const { name, from, to, granularity } = useRange('7d');
  const { data, error, refetch } = useQuery(queries.bandwidth('devices', id, { granularity, from, to }));
  if (error && !data) {
    return <ErrorState error={error} title="Traffic could not be read" onRetry={() => void refetch()} />;
  }
  return (
    <Section title="Traffic" actions={<RangePicker value={name} />}>
      <TimeChart
        label={`Bytes by ${granularity}`}
        kind="bar"
        bytes
        series={TRAFFIC_SERIES}
        points={data?.items.map(({ start, bytesUp, bytesDown }) => ({
          at: Date.parse(start),
          values: { up: bytesUp, down: bytesDown },
        }))}
        format={formatBytes}
        formatTime={(at) => formatBucket(at, granularity)}
        height={240}
      />
    </Section>
  );
}

function formatBucket(at: number, granularity: 'hour' | 'day' | 'month'): string {
  const text = new Date(at).toISOString();
  if (granularity === 'hour') return `${text.slice(5, 10)} ${text.slice(11, 16)}`;
  return granularity === 'day' ? text.slice(0, 10) : text.slice(0, 7);
}
