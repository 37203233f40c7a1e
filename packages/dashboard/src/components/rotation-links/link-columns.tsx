import type { RotationLinkView } from '@pocketproxy/protocol/api';
import { Link } from '@tanstack/react-router';
import { formatDuration, NOTHING } from '#lib/format.ts';
import type { Column } from '../data-table/table-columns.ts';
import { Status } from '../status.tsx';
import { Time } from '../time.tsx';

/** A link, and what its phone is called. */
export interface LinkRow extends RotationLinkView {
  readonly deviceName: string | null;
  /** Its time is over. */
  readonly expired: boolean;
}

const NAME: Column<LinkRow> = {
  ...{ id: 'name', label: 'Name', width: 160, grow: true, importance: 1 },
  value: ({ name }) => name,
  cell: ({ name }) => <span className="font-medium">{name}</span>,
};

const DEVICE: Column<LinkRow> = {
  ...{ id: 'device', label: 'Phone', width: 170, importance: 2 },
  value: ({ deviceName }) => deviceName,
  cell: ({ deviceId, deviceName }) =>
    deviceName === null ? (
      NOTHING
    ) : (
      <Link to="/devices/$id/rotation" params={{ id: deviceId }} className="hover:underline">
        {deviceName}
      </Link>
    ),
};

const REST: readonly Column<LinkRow>[] = [
  {
    ...{ id: 'status', label: 'Status', width: 110, importance: 1 },
    value: ({ expired }) => (expired ? 1 : 0),
    cell: ({ expired }) =>
      expired ? <Status tone="bad" word="Expired" /> : <Status tone="good" word="Active" />,
  },
  {
    ...{ id: 'url', label: 'Address', width: 290, importance: 5 },
    cell: ({ url }) => (
      <span className="figures text-muted" title="The rest was shown once, when the link was made">
        {url}
      </span>
    ),
  },
  {
    ...{ id: 'interval', label: 'Min. interval', width: 110, align: 'right', importance: 4 },
    value: ({ minIntervalSeconds }) => minIntervalSeconds,
    cell: ({ minIntervalSeconds }) => (
      <span className="figures">
        {minIntervalSeconds === 0 ? NOTHING : formatDuration(minIntervalSeconds * 1_000)}
      </span>
    ),
  },
  {
    ...{ id: 'used', label: 'Last used', width: 110, align: 'right', importance: 2 },
    value: ({ lastUsedAt }) => timeOf(lastUsedAt),
    cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none="never" />,
  },
  {
    ...{ id: 'expires', label: 'Expires', width: 100, align: 'right', importance: 3 },
    value: ({ expiresAt }) => timeOf(expiresAt),
    cell: ({ expiresAt }) => <Time at={expiresAt} none="never" />,
  },
  {
    ...{ id: 'created', label: 'Created', width: 100, align: 'right', importance: 5, hidden: true },
    value: ({ createdAt }) => timeOf(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

/** Links of all phones. */
export const LINK_COLUMNS: readonly Column<LinkRow>[] = [NAME, DEVICE, ...REST];
/** Links of one. */
export const LINK_COLUMNS_OF_DEVICE: readonly Column<LinkRow>[] = [NAME, ...REST];

function timeOf(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
