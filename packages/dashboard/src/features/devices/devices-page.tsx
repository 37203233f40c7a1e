import { useQuery } from '@tanstack/react-query';
import { Smartphone } from 'lucide-react';
import { DataTable } from '#components/data-table/data-table.tsx';
import { PageHeader } from '#components/page.tsx';
import { EmptyState } from '#components/states.tsx';
import { queries } from '#lib/api/queries.ts';
import { DEVICE_COLUMNS } from './device-columns.tsx';

export function DevicesPage() {
  const { data, error, refetch } = useQuery(queries.devices());
  const online = data?.filter(({ status }) => status === 'online').length;
  return (
    <>
      <PageHeader
        title="Devices"
        aside={
          data && (
            <span className="text-muted">{`${online} online · ${data.length - (online ?? 0)} not`}</span>
          )
        }
      />
      <DataTable
        name="devices"
        columns={DEVICE_COLUMNS}
        rows={data}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id }) => id}
        rowLink={({ id }) => ({ to: '/devices/$id', params: { id } })}
        isDimmed={({ status }) => status === 'offline'}
        searchText={({ name, exitIp, carrier, model }) =>
          `${name} ${exitIp ?? ''} ${carrier ?? ''} ${model ?? ''}`
        }
        empty={
          <EmptyState
            icon={Smartphone}
            title="No phones yet"
            command="npx pocketproxy-agent pair '<pairing URL>'"
          >
            Pair a phone, and it shows up here by itself.
          </EmptyState>
        }
      />
    </>
  );
}
