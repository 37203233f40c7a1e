import type { Column } from '#components/data-table/table-columns.ts';
import { Time } from '#components/time.tsx';
import { NOTHING } from '#lib/format.ts';
import { actionText, type NamedEntry, summaryOf } from './audit-words.ts';

/** What the list tells of a change. It stays in the order of the log: only a part of it is here. */
export const AUDIT_COLUMNS: readonly Column<NamedEntry>[] = [
  {
    ...{ id: 'action', label: 'What', width: 200, importance: 1 },
    cell: ({ action }) => actionText(action),
  },
  {
    ...{ id: 'target', label: 'Of', width: 160, importance: 2 },
    cell: ({ targetName, targetId }) =>
      targetName ?? <span className="figures text-muted">{targetId?.slice(0, 8) ?? NOTHING}</span>,
  },
  {
    ...{ id: 'change', label: 'Change', width: 180, grow: true, importance: 3 },
    cell: (entry) => <span className="text-muted">{summaryOf(entry)}</span>,
  },
  {
    ...{ id: 'actor', label: 'Who', width: 200, importance: 1 },
    cell: ({ actor }) => actor.name,
  },
  {
    ...{ id: 'address', label: 'From', width: 130, importance: 4 },
    cell: ({ address }) => <span className="figures">{address ?? NOTHING}</span>,
  },
  {
    ...{ id: 'at', label: 'When', width: 100, align: 'right', importance: 1 },
    cell: ({ at }) => <Time at={at} />,
  },
];
