import type { ConnectionView } from '@pocketproxy/protocol/api';
import { Link } from '@tanstack/react-router';
import { NOTHING } from '#lib/format.ts';
import { CopyText } from '../copy.tsx';
import type { Column } from '../data-table/table-columns.ts';
import { ConnectionStatus } from '../status.tsx';
import { Time } from '../time.tsx';
import { hostOf } from './endpoints.ts';
import { usedShare } from './quota.ts';
import { Flows, Usage } from './usage.tsx';

/** A connection, and what its phone is called. */
export interface ConnectionRow extends ConnectionView {
  readonly deviceName: string | null;
}

const NAME: Column<ConnectionRow> = {
  ...{ id: 'name', label: 'Name', width: 180, grow: true, importance: 1 },
  value: ({ name }) => name,
  cell: ({ name }) => name,
};

const DEVICE: Column<ConnectionRow> = {
  ...{ id: 'device', label: 'Phone', width: 140, importance: 2 },
  value: ({ deviceName }) => deviceName,
  cell: ({ deviceId, deviceName }) =>
    deviceName === null ? (
      NOTHING
    ) : (
      <Link to="/devices/$id" params={{ id: deviceId }} className="relative hover:underline">
        {deviceName}
      </Link>
    ),
};

const WORDS = { http: 'HTTP', socks5: 'SOCKS5', openvpn: 'VPN' } as const;

const REST: readonly Column<ConnectionRow>[] = [
  {
    ...{ id: 'status', label: 'Status', width: 120, importance: 1 },
    value: ({ status }) => status,
    cell: ({ status }) => <ConnectionStatus status={status} />,
  },
  {
    ...{ id: 'endpoint', label: 'Endpoint', width: 208, importance: 3 },
    value: ({ port }) => port,
    cell: (row) => <CopyText text={hostOf(row)} end={`:${row.port}`} what={`endpoint of ${row.name}`} />,
  },
  {
    ...{ id: 'username', label: 'User name', width: 156, importance: 5 },
    value: ({ username }) => username,
    cell: ({ username, name }) => <CopyText text={username} what={`user name of ${name}`} />,
  },
  {
    ...{ id: 'usage', label: 'Used', width: 272, importance: 2 },
    // By share of the quota; those without one below all others, by bytes.
    value: (row) => usedShare(row) ?? row.usedBytes / Number.MAX_SAFE_INTEGER,
    cell: (row) => <Usage connection={row} className="flex justify-between" />,
  },
  {
    ...{ id: 'flows', label: 'Flows', width: 84, align: 'right', importance: 3 },
    value: ({ openFlows }) => openFlows,
    cell: (row) => <Flows {...row} />,
  },
  {
    ...{ id: 'speed', label: 'Speed', width: 96, align: 'right', importance: 5 },
    value: ({ speedLimitMbps }) => speedLimitMbps,
    cell: ({ speedLimitMbps }) => (
      <span className="figures">{speedLimitMbps === null ? NOTHING : `${speedLimitMbps} Mbit/s`}</span>
    ),
  },
  {
    ...{ id: 'expires', label: 'Expires', width: 92, align: 'right', importance: 4 },
    value: ({ expiresAt }) => (expiresAt === null ? null : Date.parse(expiresAt)),
    cell: ({ expiresAt }) => <Time at={expiresAt} none="never" />,
  },
  {
    ...{ id: 'protocols', label: 'Protocols', width: 150, importance: 5, hidden: true },
    cell: ({ protocols }) => protocols.map((protocol) => WORDS[protocol]).join(', '),
  },
  {
    ...{ id: 'created', label: 'Created', width: 96, align: 'right', importance: 5, hidden: true },
    value: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

/** Connections of all phones. */
export const CONNECTION_COLUMNS: readonly Column<ConnectionRow>[] = [
  NAME,
  REST[0]!,
  DEVICE,
  ...REST.slice(1),
];
/** Connections of one. */
export const CONNECTION_COLUMNS_OF_DEVICE: readonly Column<ConnectionRow>[] = [NAME, ...REST];
