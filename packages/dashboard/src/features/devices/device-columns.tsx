import type { DeviceView } from '@pocketproxy/protocol/api';
import type { Column } from '#components/data-table/table-columns.ts';
import { DeviceStatus } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { NOTHING } from '#lib/format.ts';

/** What the list tells of a phone. */
export const DEVICE_COLUMNS: readonly Column<DeviceView>[] = [
  {
    id: 'name',
    label: 'Name',
    width: 180,
    grow: true,
    importance: 1,
    value: ({ name }) => name,
    cell: ({ name }) => name,
  },
  {
    ...{ id: 'status', label: 'Status', width: 128, importance: 1 },
    value: ({ status }) => status,
    cell: ({ status }) => <DeviceStatus status={status} />,
  },
  {
    ...{ id: 'exitIp', label: 'Exit address', width: 140, importance: 2 },
    value: ({ exitIp }) => exitIp,
    cell: ({ exitIp }) => <span className="figures">{exitIp ?? NOTHING}</span>,
  },
  {
    ...{ id: 'carrier', label: 'Carrier', width: 120, importance: 3 },
    value: ({ carrier }) => carrier,
    cell: ({ carrier }) => carrier ?? NOTHING,
  },
  {
    ...{ id: 'network', label: 'Network', width: 84, importance: 4 },
    value: ({ networkType }) => networkType,
    cell: ({ networkType }) => networkType ?? NOTHING,
  },
  {
    ...{ id: 'battery', label: 'Battery', width: 84, align: 'right', importance: 4 },
    value: ({ batteryPercent }) => batteryPercent,
    cell: ({ batteryPercent }) => (
      <span className="figures">{batteryPercent === null ? NOTHING : `${batteryPercent} %`}</span>
    ),
  },
  {
    ...{ id: 'lastSeen', label: 'Last seen', width: 110, align: 'right', importance: 2 },
    value: ({ lastSeenAt }) => (lastSeenAt === null ? null : Date.parse(lastSeenAt)),
    cell: ({ lastSeenAt }) => <Time at={lastSeenAt} none="never" />,
  },
];
