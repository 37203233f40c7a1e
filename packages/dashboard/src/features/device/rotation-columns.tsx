import type { IpHistoryEntry, RotationView } from '@pocketproxy/protocol/api';
import type { Column } from '#components/data-table/table-columns.ts';
import { RotationStatus } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { formatDuration, NOTHING } from '#lib/format.ts';
import { reasonText } from '#lib/notify.ts';

const TRIGGERS: Readonly<Record<IpHistoryEntry['trigger'], string>> = {
  manual: 'By hand',
  schedule: 'Schedule',
  link: 'Link',
  command: 'Command',
  natural: 'By the network',
};

/** Newest first, as they are answered; two of such tables share a page, so that none is sorted by its head. */
export const ROTATION_COLUMNS: readonly Column<RotationView>[] = [
  {
    ...{ id: 'result', label: 'Result', width: 120, importance: 1 },
    cell: ({ status }) => <RotationStatus status={status} />,
  },
  {
    ...{ id: 'old', label: 'Old address', width: 150, importance: 3 },
    cell: ({ oldIp }) => <span className="figures">{oldIp ?? NOTHING}</span>,
  },
  {
    ...{ id: 'new', label: 'New address', width: 150, importance: 2 },
    cell: ({ newIp }) => <span className="figures">{newIp ?? NOTHING}</span>,
  },
  {
    ...{ id: 'reason', label: 'Reason', width: 160, grow: true, importance: 2 },
    cell: ({ reason }) => (
      <span className="text-muted" title={reason === null ? undefined : reasonText(reason)}>
        {reason === null ? '' : reasonText(reason)}
      </span>
    ),
  },
  {
    ...{ id: 'trigger', label: 'Asked by', width: 110, importance: 4 },
    cell: ({ trigger }) => TRIGGERS[trigger],
  },
  {
    ...{ id: 'attempts', label: 'Tries', width: 64, align: 'right', importance: 5 },
    cell: ({ attempt }) => <span className="figures">{attempt}</span>,
  },
  {
    ...{ id: 'took', label: 'Took', width: 90, align: 'right', importance: 3 },
    cell: ({ durationMs }) => <span className="figures">{formatDuration(durationMs)}</span>,
  },
  {
    ...{ id: 'at', label: 'When', width: 110, align: 'right', importance: 1 },
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

export const ADDRESS_COLUMNS: readonly Column<IpHistoryEntry>[] = [
  {
    ...{ id: 'ip', label: 'Address', width: 170, importance: 1 },
    cell: ({ ip }) => <span className="figures">{ip}</span>,
  },
  {
    ...{ id: 'previous', label: 'Before', width: 160, importance: 3 },
    cell: ({ previousIp }) => <span className="figures text-muted">{previousIp ?? NOTHING}</span>,
  },
  {
    ...{ id: 'trigger', label: 'Changed by', width: 130, grow: true, importance: 2 },
    cell: ({ trigger }) => TRIGGERS[trigger],
  },
  {
    ...{ id: 'took', label: 'Took', width: 90, align: 'right', importance: 3 },
    cell: ({ durationMs }) => <span className="figures">{formatDuration(durationMs)}</span>,
  },
  {
    ...{ id: 'at', label: 'Since', width: 110, align: 'right', importance: 1 },
    cell: ({ at }) => <Time at={at} />,
  },
];
