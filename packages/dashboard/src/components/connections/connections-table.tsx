import type { ConnectionView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { Cable } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { DataTable } from '../data-table/data-table.tsx';
import { EmptyState } from '../states.tsx';
import { Button } from '../ui/button.tsx';
import {
  CONNECTION_COLUMNS,
  CONNECTION_COLUMNS_OF_DEVICE,
  type ConnectionRow,
} from './connection-columns.tsx';
import { type Asked, ConnectionDialogs } from './connection-dialogs.tsx';
import { ConnectionMenu } from './connection-menu.tsx';
import { endpointOf } from './endpoints.ts';

export interface ConnectionsTableProps {
  /** Those of one phone. */
  readonly deviceId?: string;
  /** Opens `CreateConnection`. */
  readonly onCreate: () => void;
  readonly filters?: ReactNode;
  /** What `filters` keep; all of them without it. Must stay the same function while the filters do. */
  readonly keep?: ((connection: ConnectionView) => boolean) | undefined;
  readonly onClearFilters?: () => void;
}

/** Connections with their limits and use, and everything that can be done to them. */
export function ConnectionsTable(props: ConnectionsTableProps) {
  const { deviceId, onCreate, filters, keep, onClearFilters } = props;
  const [asked, setAsked] = useState<Asked | null>(null);
  const { rows, error, refetch } = useConnectionRows(deviceId, keep);
  const mayWrite = usePermissions()('connections:write');
  return (
    <>
      <DataTable
        name="connections"
        columns={deviceId === undefined ? CONNECTION_COLUMNS : CONNECTION_COLUMNS_OF_DEVICE}
        {...{ rows, error, filters, onRetry: refetch, isFiltered: keep !== undefined }}
        {...(onClearFilters && { onClearFilters })}
        rowId={({ id }) => id}
        rowLink={({ id }) => ({ to: '/connections/$id', params: { id } })}
        isDimmed={({ status }) => status !== 'active'}
        searchText={(row) => `${row.name} ${row.deviceName ?? ''} ${row.username} ${endpointOf(row)}`}
        rowActions={(connection) => <ConnectionMenu {...{ connection, onAsk: setAsked }} small />}
        actionsWidth={40}
        empty={
          <EmptyState
            icon={Cable}
            title="No connections yet"
            action={mayWrite && <Button onClick={onCreate}>Create a connection</Button>}
            {...(mayWrite && { command: curlOf(deviceId) })}
          >
            {mayWrite
              ? 'A connection is a port with a user name and a password: what a customer is given to use a phone.'
              : 'A connection that you are given shows up here by itself.'}
          </EmptyState>
        }
      />
      <ConnectionDialogs asked={asked} onClose={() => setAsked(null)} />
    </>
  );
}

/** Connections with the names of their phones. */
function useConnectionRows(
  deviceId: string | undefined,
  keep: ((connection: ConnectionView) => boolean) | undefined,
) {
  const { data, error, refetch } = useQuery(queries.connections());
  const { data: devices } = useQuery(queries.devices());
  const names = useMemo(() => new Map(devices?.map(({ id, name }) => [id, name])), [devices]);
  const rows = useMemo(
    () =>
      data
        ?.filter((row) => (deviceId === undefined || row.deviceId === deviceId) && (keep?.(row) ?? true))
        .map((row): ConnectionRow => ({ ...row, deviceName: names.get(row.deviceId) ?? null })),
    [data, names, deviceId, keep],
  );
  return { rows, error, refetch: () => void refetch() };
}

/** The same by the API. */
function curlOf(deviceId = '<device>'): string {
  return `curl -X POST ${location.origin}/api/v1/connections -H 'Authorization: Bearer <key>' -H 'Content-Type: application/json' -d '{"deviceId":"${deviceId}"}'`;
}
