import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { FilterMenu } from '#components/data-table/filter-menu.tsx';
import { filterOptions } from '#components/data-table/filter-options.ts';
import { filterValues } from '#components/data-table/filter-values.ts';
import { type DeviceRow, shownStatus } from './device-row.ts';

/** What the URL keeps of the filters. */
export interface DeviceFilters {
  readonly status?: string | undefined;
  readonly carrier?: string | undefined;
  readonly network?: string | undefined;
}

/** What is filtered by, each with what a row has of it. */
const FILTERS = [
  { id: 'status', label: 'Status', pick: (row: DeviceRow): string | null => shownStatus(row) },
  { id: 'carrier', label: 'Carrier', pick: ({ carrier }: DeviceRow) => carrier },
  { id: 'network', label: 'Network', pick: ({ networkType }: DeviceRow) => networkType },
] as const;

/** The filters in the URL, and how they are changed. */
export function useDeviceFilters(): readonly [DeviceFilters, (change: DeviceFilters) => void] {
  const { status, carrier, network } = useSearch({ from: '/shell/devices' });
  const navigate = useNavigate({ from: '/devices' });
  const change = (next: DeviceFilters): void =>
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true, resetScroll: false });
  return [{ status, carrier, network }, change];
}

/** Rows that have one of the chosen values of each filter. */
export function filterDevices(rows: readonly DeviceRow[], filters: DeviceFilters): readonly DeviceRow[] {
  const active = FILTERS.map(({ id, pick }) => ({ pick, chosen: filterValues(filters[id]) })).filter(
    ({ chosen }) => chosen.size > 0,
  );
  if (active.length === 0) return rows;
  return rows.filter((row) => active.every(({ pick, chosen }) => chosen.has(pick(row) ?? '')));
}

export interface DeviceFilterMenusProps {
  /** All of them, so that each value tells how many have it. */
  readonly rows: readonly DeviceRow[] | undefined;
  readonly filters: DeviceFilters;
  readonly onChange: (change: DeviceFilters) => void;
}

export function DeviceFilterMenus({ rows, filters, onChange }: DeviceFilterMenusProps) {
  const options = useMemo(() => FILTERS.map(({ pick }) => filterOptions(rows, pick)), [rows]);
  return FILTERS.map(({ id, label }, at) => (
    <FilterMenu
      key={id}
      label={label}
      options={(options[at] ?? []).map((option) =>
        id === 'status' ? { ...option, label: sentence(option.label) } : option,
      )}
      value={filters[id]}
      onChange={(value) => onChange({ [id]: value })}
    />
  ));
}

function sentence(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
