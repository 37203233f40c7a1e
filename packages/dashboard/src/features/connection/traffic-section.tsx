import { useMutation, useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { BandwidthChart } from '#components/charts/bandwidth-chart.tsx';
import { RangePicker, useRange } from '#components/charts/range.tsx';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { notify } from '#lib/notify.ts';
import { saveFile } from '#lib/save-file.ts';

/** What it has carried over time, to look at and as a table. */
export function TrafficSection({ id, name }: { readonly id: string; readonly name: string }) {
  const range = useRange('7d');
  const { from, to, granularity } = range;
  const { data, error, refetch } = useQuery(queries.bandwidth('connections', id, { granularity, from, to }));
  const csv = useMutation({
    mutationFn: () =>
      api.file('/connections/:id/bandwidth', { id, query: { granularity, from, to, format: 'csv' } }),
    onSuccess: (file) => saveFile(`${name} ${range.name}.csv`, file),
    onError: (failure) => notify.failed('No table of traffic', failure),
  });
  return (
    <Section
      title="Traffic"
      actions={
        <>
          <Button variant="ghost" size="sm" busy={csv.isPending} onClick={() => csv.mutate()}>
            <Download aria-hidden />
            CSV
          </Button>
          <RangePicker value={range.name} />
        </>
      }
    >
      {error && !data ? (
        <ErrorState error={error} title="Traffic could not be read" onRetry={() => void refetch()} />
      ) : (
        <BandwidthChart buckets={data?.items} {...{ granularity, from, to }} />
      )}
    </Section>
  );
}
