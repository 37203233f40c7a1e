import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download, Plus, RotateCw, Smartphone } from 'lucide-react';
import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { CopyButton } from '#components/copy.tsx';
import { DataTable } from '#components/data-table/data-table.tsx';
import { PageHeader } from '#components/page.tsx';
import { PairDialog } from '#components/pairing/pair-dialog.tsx';
import { EmptyState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { formatCount } from '#lib/format.ts';
import { usePageAction } from '#lib/page-actions.ts';
import { useRotate } from '#lib/rotate.ts';
import { saveFile } from '#lib/save-file.ts';
import { DEVICE_COLUMNS } from './device-columns.tsx';
import { DeviceFilterMenus, filterDevices, useDeviceFilters } from './device-filters.tsx';
import { type DeviceRow, deviceRows } from './device-row.ts';
import { devicesCsv } from './devices-csv.ts';
import { SelectionBar } from './selection-bar.tsx';

/** All phones: how they are, where they exit, what goes through them. */
export function DevicesPage() {
  const { all, error, retry } = useDeviceRows();
  const [filters, setFilters] = useDeviceFilters();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [pairing, setPairing] = usePairing();
  const rowActions = useRowActions();
  const may = usePermissions();
  const rows = useMemo(() => all && filterDevices(all, filters), [all, filters]);
  const chosen = useMemo(() => all?.filter(({ id }) => selected.has(id)) ?? [], [all, selected]);
  const mayPair = may('pairing:write');
  usePageAction({
    ...{ id: 'pair', label: 'Pair a phone', icon: Plus, shortcut: 'n', run: () => setPairing(true) },
    enabled: mayPair,
  });
  const pairButton = mayPair && (
    <Button variant="primary" onClick={() => setPairing(true)}>
      <Plus aria-hidden />
      Pair a phone
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Devices"
        aside={all && all.length > 0 && <Counts rows={all} />}
        actions={
          <>
            {rows && rows.length > 0 && (
              <Button variant="ghost" onClick={() => exportRows(rows)}>
                <Download aria-hidden />
                Export CSV
              </Button>
            )}
            {pairButton}
          </>
        }
      />
      <DataTable
        name="devices"
        columns={DEVICE_COLUMNS}
        rows={rows}
        error={error}
        onRetry={retry}
        {...ROWS}
        rowActions={rowActions}
        actionsWidth={56}
        filters={<DeviceFilterMenus rows={all} filters={filters} onChange={setFilters} />}
        isFiltered={rows !== all}
        onClearFilters={() => setFilters({ status: undefined, carrier: undefined, network: undefined })}
        selected={selected}
        onSelect={setSelected}
        empty={
          <EmptyState
            icon={Smartphone}
            title="No phones yet"
            action={pairButton}
            {...(mayPair && { command: "node pocketproxy-agent.mjs pair '<pairing URL>'" })}
          >
            {mayPair
              ? 'Pair a phone, and it shows up here by itself.'
              : 'A phone that you are given shows up here by itself.'}
          </EmptyState>
        }
      />
      {chosen.length > 0 && (
        <SelectionBar
          selected={chosen}
          onExport={() => exportRows(chosen)}
          onClear={() => setSelected(new Set())}
        />
      )}
      <PairDialog open={pairing && mayPair} onOpenChange={setPairing} />
    </>
  );
}

/** What the table asks of rows: the same functions always, so that it draws only what has changed. */
const ROWS = {
  rowId: ({ id }: DeviceRow) => id,
  rowName: ({ name }: DeviceRow) => name,
  rowLink: ({ id }: DeviceRow) => ({ to: '/devices/$id', params: { id } }) as const,
  isDimmed: ({ status, rotating }: DeviceRow) => status === 'offline' && !rotating,
  searchText: ({ name, exitIp, carrier, model, description }: DeviceRow) =>
    `${name} ${exitIp ?? ''} ${carrier ?? ''} ${model ?? ''} ${description}`,
};

/** Devices with what is read beside them; what is missing there is no reason to show none. */
function useDeviceRows() {
  const may = usePermissions();
  const { data: devices, error, refetch } = useQuery(queries.devices());
  const { data: totals } = useQuery({ ...queries.deviceTotals(), enabled: may('stats:read') });
  const { data: rotations } = useQuery({ ...queries.activeRotations(), enabled: may('rotations:read') });
  const before = useRef<ReadonlyMap<string, DeviceRow>>(new Map());
  const fresh = useMemo(
    () => devices && deviceRows(devices, totals?.items, rotations?.items, before.current),
    [devices, totals, rotations],
  );
  useEffect(() => {
    before.current = new Map(fresh?.map((row) => [row.id, row]));
  }, [fresh]);
  // Typing and scrolling go before what thousands of phones report.
  const all = useDeferredValue(fresh);
  return { all, error, retry: () => void refetch() };
}

/** Buttons of a row; the same function until what is allowed changes. */
function useRowActions(): (row: DeviceRow) => ReactNode {
  const mayRotate = usePermissions()('rotations:write');
  const { mutate } = useRotate();
  return useCallback(
    (row: DeviceRow) => (
      <RowActions row={row} onRotate={mayRotate && row.status === 'online' ? mutate : null} />
    ),
    [mayRotate, mutate],
  );
}

/** Whether a phone is being paired; in the URL, so that other pages lead to it. */
function usePairing(): readonly [boolean, (open: boolean) => void] {
  const { pair } = useSearch({ from: '/shell/devices' });
  const navigate = useNavigate({ from: '/devices' });
  const change = useMemo(
    () =>
      (open: boolean): void =>
        void navigate({ search: (old) => ({ ...old, pair: open ? 'new' : undefined }), replace: true }),
    [navigate],
  );
  return [pair !== undefined, change];
}

function Counts({ rows }: { readonly rows: readonly DeviceRow[] }) {
  const online = rows.filter(({ status }) => status === 'online').length;
  return (
    <span className="text-muted">
      {`${formatCount(online)} online · ${formatCount(rows.length - online)} not`}
    </span>
  );
}

interface RowActionsProps {
  readonly row: DeviceRow;
  /** `null` where it cannot be rotated. */
  readonly onRotate: ReturnType<typeof useRotate>['mutate'] | null;
}

function RowActions({ row, onRotate }: RowActionsProps) {
  return (
    <>
      {row.exitIp !== null && <CopyButton text={row.exitIp} what={`exit address of ${row.name}`} />}
      {onRotate && (
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={`Rotate ${row.name}`}
          busy={row.rotating}
          onClick={() => onRotate({ id: row.id, name: row.name })}
        >
          {!row.rotating && <RotateCw />}
        </Button>
      )}
    </>
  );
}

function exportRows(rows: readonly DeviceRow[]): void {
  saveFile(
    `devices-${new Date().toISOString().slice(0, 10)}.csv`,
    new Blob([devicesCsv(rows)], { type: 'text/csv' }),
  );
}
