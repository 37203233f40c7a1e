import { Battery } from '#components/battery.tsx';
import type { Column } from '#components/data-table/table-columns.ts';
import { Signal } from '#components/signal.tsx';
import { DeviceStatus } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { formatBytes, formatCount, NOTHING } from '#lib/format.ts';
import { type DeviceRow, shownStatus } from './device-row.ts';

/** Those that need somebody first. */
const STATUS_ORDER = { offline: 0, reconnecting: 1, rotating: 2, online: 3 } as const;

/** What the list tells of a phone. */
export const DEVICE_COLUMNS: readonly Column<DeviceRow>[] = [
  {
    ...{ id: 'name', label: 'Name', width: 160, grow: true, importance: 1 },
    value: ({ name }) => name,
    cell: ({ name }) => name,
  },
  {
    ...{ id: 'status', label: 'Status', width: 124, fits: true, importance: 1 },
    value: (row) => STATUS_ORDER[shownStatus(row)],
    cell: ({ status, rotating }) => <DeviceStatus status={status} rotating={rotating} />,
  },
  {
    ...{ id: 'exitIp', label: 'Exit address', width: 136, importance: 2 },
    value: ({ exitIp }) => exitIp,
    figures: true,
    cell: ({ exitIp }) => exitIp ?? NOTHING,
  },
  {
    ...{ id: 'carrier', label: 'Carrier', width: 120, importance: 3 },
    value: ({ carrier }) => carrier,
    cell: ({ carrier }) => carrier ?? NOTHING,
  },
  {
    ...{ id: 'network', label: 'Network', width: 88, importance: 4 },
    value: ({ networkType }) => networkType,
    cell: ({ networkType }) => networkType ?? NOTHING,
  },
  {
    ...{ id: 'signal', label: 'Signal', width: 104, fits: true, importance: 4 },
    value: ({ signalDbm }) => signalDbm,
    cell: ({ signalDbm }) => <Signal dbm={signalDbm} />,
  },
  {
    ...{ id: 'battery', label: 'Battery', width: 84, fits: true, align: 'right', importance: 4 },
    value: ({ batteryPercent }) => batteryPercent,
    cell: ({ batteryPercent, batteryCharging }) => (
      <Battery percent={batteryPercent} charging={batteryCharging} />
    ),
  },
  {
    ...{ id: 'connections', label: 'Connections', width: 104, fits: true, align: 'right', importance: 3 },
    value: ({ connections }) => connections,
    figures: true,
    cell: ({ connections }) => (connections === null ? NOTHING : formatCount(connections)),
  },
  {
    ...{ id: 'today', label: 'Today', width: 96, fits: true, align: 'right', importance: 2 },
    value: ({ bytesToday }) => bytesToday,
    figures: true,
    cell: ({ bytesToday }) => (bytesToday === 0 ? NOTHING : formatBytes(bytesToday)),
  },
  {
    ...{ id: 'lastSeen', label: 'Last seen', width: 104, fits: true, align: 'right', importance: 3 },
    value: ({ lastSeenAt }) => (lastSeenAt === null ? null : Date.parse(lastSeenAt)),
    cell: ({ lastSeenAt }) => <Time at={lastSeenAt} none="never" />,
  },
  {
    ...{ id: 'model', label: 'Model', width: 140, importance: 5, hidden: true },
    value: ({ model }) => model,
    cell: ({ model }) => model ?? NOTHING,
  },
  {
    ...{ id: 'os', label: 'System', width: 110, importance: 5, hidden: true },
    value: ({ osVersion }) => osVersion,
    cell: ({ osVersion }) => osVersion ?? NOTHING,
  },
  {
    ...{ id: 'agent', label: 'Agent', width: 80, importance: 5, hidden: true },
    value: ({ agentVersion }) => agentVersion,
    figures: true,
    cell: ({ agentVersion }) => agentVersion,
  },
  {
    ...{
      id: 'nextRotation',
      label: 'Next rotation',
      width: 112,
      align: 'right',
      importance: 5,
      hidden: true,
    },
    value: ({ nextRotationAt }) => (nextRotationAt === null ? null : Date.parse(nextRotationAt)),
    cell: ({ nextRotationAt }) => <Time at={nextRotationAt} none="by hand" />,
  },
];
