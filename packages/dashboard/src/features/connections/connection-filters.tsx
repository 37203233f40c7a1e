import type { ConnectionView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { FilterMenu } from '#components/data-table/filter-menu.tsx';
import { filterOptions } from '#components/data-table/filter-options.ts';
import { filterValues } from '#components/data-table/filter-values.ts';
import { CONNECTION_STATUS_WORDS } from '#components/status.tsx';
import { queries } from '#lib/api/queries.ts';

const route = getRouteApi('/shell/connections');

type Filters = { readonly status?: string | undefined; readonly device?: string | undefined };

/** What the filters in the URL keep, how they are changed, and the menus. */
export function useConnectionFilters() {
  const { status, device } = route.useSearch();
  const navigate = useNavigate();
  const keep = useMemo(() => keeper({ status, device }), [status, device]);
  const set = (change: Filters): void =>
    void navigate({ to: '/connections', search: (old) => ({ ...old, ...change }), replace: true });
  return {
    keep,
    clear: () => set({ status: undefined, device: undefined }),
    menus: <Menus {...{ status, device }} onChange={set} />,
  };
}

/** `undefined` when nothing is filtered. */
export function keeper({ status, device }: Filters): ((connection: ConnectionView) => boolean) | undefined {
  const [statuses, devices] = [filterValues(status), filterValues(device)];
  if (statuses.size === 0 && devices.size === 0) return undefined;
  return (connection) =>
    (statuses.size === 0 || statuses.has(connection.status)) &&
    (devices.size === 0 || devices.has(connection.deviceId));
}

function Menus({ status, device, onChange }: Filters & { readonly onChange: (change: Filters) => void }) {
  const { data: connections } = useQuery(queries.connections());
  const { data: devices } = useQuery(queries.devices());
  const byStatus = useMemo(
    () =>
      filterOptions(connections, (row) => row.status).map((option) => ({
        ...option,
        label: CONNECTION_STATUS_WORDS[option.value as ConnectionView['status']],
      })),
    [connections],
  );
  const byDevice = useMemo(() => {
    const names = new Map(devices?.map(({ id, name }) => [id, name]));
    return filterOptions(connections, (row) => row.deviceId).map((option) => ({
      ...option,
      label: names.get(option.value) ?? 'Unknown phone',
    }));
  }, [connections, devices]);
  return (
    <>
      <FilterMenu
        label="Status"
        options={byStatus}
        value={status}
        onChange={(value) => onChange({ status: value })}
      />
      <FilterMenu
        label="Phone"
        options={byDevice}
        value={device}
        onChange={(value) => onChange({ device: value })}
      />
    </>
  );
}
