import type { NotificationChannelView } from '@pocketproxy/protocol/api';
import type { Column } from '#components/data-table/table-columns.ts';
import { Status } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { EVENT_OPTIONS } from './events.ts';

/** What the list tells of a channel. */
export const CHANNEL_COLUMNS: readonly Column<NotificationChannelView>[] = [
  {
    ...{ id: 'name', label: 'Name', width: 160, grow: true, importance: 1 },
    value: ({ name }) => name,
    cell: ({ name }) => name,
  },
  {
    ...{ id: 'status', label: 'Status', width: 110, importance: 1 },
    value: ({ enabled }) => (enabled ? 'on' : 'off'),
    cell: ({ enabled }) => <Status tone={enabled ? 'good' : 'idle'} word={enabled ? 'On' : 'Off'} />,
  },
  {
    ...{ id: 'type', label: 'Type', width: 100, importance: 3 },
    value: ({ type }) => type,
    cell: ({ type }) => <Badge>{type === 'email' ? 'E-mail' : 'Webhook'}</Badge>,
  },
  {
    ...{ id: 'target', label: 'Sent to', width: 320, importance: 2 },
    value: ({ target }) => target,
    cell: ({ target }) => (
      <span className="figures" title={target}>
        {target}
      </span>
    ),
  },
  {
    ...{ id: 'events', label: 'Events', width: 110, align: 'right', importance: 3 },
    value: ({ events }) => events.length,
    cell: ({ events }) => (
      <span className="figures">
        {events.length === EVENT_OPTIONS.length ? 'all' : `${events.length} of ${EVENT_OPTIONS.length}`}
      </span>
    ),
  },
  {
    ...{ id: 'created', label: 'Created', width: 110, align: 'right', importance: 4 },
    value: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
