import type { ApiKeyView } from '@pocketproxy/protocol/api';
import type { Column } from '#components/data-table/table-columns.ts';
import { Status } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Tooltip } from '#components/ui/tooltip.tsx';
import { NOTHING } from '#lib/format.ts';

/** A key together with whose it is and whether it has expired. */
export interface ApiKeyRow extends ApiKeyView {
  readonly owner: string | undefined;
  readonly expired: boolean;
}

/** What the list tells of a key. */
export const API_KEY_COLUMNS: readonly Column<ApiKeyRow>[] = [
  {
    ...{ id: 'name', label: 'Name', width: 160, grow: true, importance: 1 },
    value: ({ name }) => name,
    cell: ({ name }) => <span className="font-medium">{name}</span>,
  },
  {
    ...{ id: 'hint', label: 'Begins with', width: 120, importance: 2 },
    cell: ({ hint }) => <span className="figures">{`${hint}…`}</span>,
  },
  {
    ...{ id: 'status', label: 'Status', width: 110, importance: 2 },
    value: ({ expired }) => (expired ? 'expired' : 'active'),
    cell: ({ expired }) => <Status tone={expired ? 'bad' : 'good'} word={expired ? 'Expired' : 'Active'} />,
  },
  {
    ...{ id: 'owner', label: 'Whose', width: 150, importance: 3 },
    value: ({ owner }) => owner ?? null,
    cell: ({ owner }) => owner ?? NOTHING,
  },
  {
    ...{ id: 'scopes', label: 'May', width: 170, importance: 2 },
    value: ({ scopes }) => scopes.length,
    cell: ({ scopes }) => (
      <Tooltip text={<span className="figures whitespace-pre-line">{scopes.join('\n')}</span>}>
        <button type="button" className="figures max-w-full truncate rounded-sm text-left text-muted">
          {scopes.length === 1 ? scopes[0] : `${scopes[0]} +${scopes.length - 1}`}
        </button>
      </Tooltip>
    ),
  },
  {
    ...{ id: 'used', label: 'Last used', width: 110, align: 'right', importance: 2 },
    value: ({ lastUsedAt }) => (lastUsedAt === null ? null : Date.parse(lastUsedAt)),
    cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none="never" />,
  },
  {
    ...{ id: 'expires', label: 'Good until', width: 110, align: 'right', importance: 3 },
    value: ({ expiresAt }) => (expiresAt === null ? null : Date.parse(expiresAt)),
    cell: ({ expiresAt }) => <Time at={expiresAt} none="no end" />,
  },
];
