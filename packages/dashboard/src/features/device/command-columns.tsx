import type { CommandView } from '@pocketproxy/protocol/api';
import type { Column } from '#components/data-table/table-columns.ts';
import { Status, type Tone } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { formatDuration } from '#lib/format.ts';
import { commandLabel } from './use-command.ts';

const STATUS: Readonly<Record<CommandView['status'], readonly [Tone, string]>> = {
  pending: ['busy', 'Waiting'],
  sent: ['busy', 'On the phone'],
  succeeded: ['good', 'Done'],
  failed: ['bad', 'Failed'],
  expired: ['idle', 'Expired'],
};

export const COMMAND_COLUMNS: readonly Column<CommandView>[] = [
  {
    ...{ id: 'command', label: 'Command', width: 140, importance: 1 },
    value: ({ type }) => commandLabel(type),
    cell: ({ type }) => <span className="font-medium">{commandLabel(type)}</span>,
  },
  {
    ...{ id: 'status', label: 'Status', width: 130, importance: 1 },
    value: wordOf,
    cell: (command) => <Status tone={STATUS[command.status][0]} word={wordOf(command)} />,
  },
  {
    ...{ id: 'result', label: 'Result', width: 200, grow: true, importance: 2 },
    cell: (command) => (
      <span className="text-muted" title={resultOf(command)}>
        {resultOf(command)}
      </span>
    ),
  },
  {
    ...{ id: 'took', label: 'Took', width: 100, align: 'right', importance: 3 },
    value: tookMs,
    cell: (command) => <span className="figures">{formatDuration(tookMs(command))}</span>,
  },
  {
    ...{ id: 'at', label: 'Given', width: 120, align: 'right', importance: 1 },
    value: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

function wordOf({ status, cancelled }: CommandView): string {
  return cancelled ? 'Cancelled' : STATUS[status][1];
}

function tookMs({ createdAt, finishedAt }: CommandView): number | null {
  return finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(createdAt);
}

function resultOf({ output, reason, status, expiresAt }: CommandView): string {
  if (status === 'pending') return `Until ${new Date(expiresAt).toLocaleTimeString('en-GB')}`;
  return reason ?? output ?? '';
}
