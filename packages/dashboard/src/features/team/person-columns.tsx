import type { UserDetail } from '@pocketproxy/protocol/api';
import type { Column } from '#components/data-table/table-columns.ts';
import { Status } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { NOTHING } from '#lib/format.ts';
import { ROLES } from '#lib/roles.ts';

/** A person together with what its organization is called. */
export interface PersonRow extends UserDetail {
  readonly organization: string | undefined;
}

/** What the list tells of a person. */
export const PERSON_COLUMNS: readonly Column<PersonRow>[] = [
  {
    ...{ id: 'name', label: 'Name', width: 150, grow: true, importance: 1 },
    value: ({ name }) => name,
    cell: ({ name }) => <span className="font-medium">{name}</span>,
  },
  {
    ...{ id: 'email', label: 'E-mail', width: 240, importance: 2 },
    value: ({ email }) => email,
    cell: ({ email }) => <span title={email}>{email}</span>,
  },
  {
    ...{ id: 'role', label: 'Role', width: 120, importance: 1 },
    value: ({ role }) => role,
    cell: ({ role }) => <Badge>{ROLES[role].label}</Badge>,
  },
  {
    ...{ id: 'organization', label: 'Organization', width: 150, importance: 3 },
    value: ({ organization }) => organization ?? null,
    cell: ({ organization }) => organization ?? NOTHING,
  },
  {
    ...{ id: 'status', label: 'Status', width: 110, importance: 2 },
    value: ({ disabled }) => (disabled ? 'disabled' : 'active'),
    cell: ({ disabled }) => (
      <Status tone={disabled ? 'idle' : 'good'} word={disabled ? 'Disabled' : 'Active'} />
    ),
  },
  {
    ...{ id: 'twoFactor', label: 'Second factor', width: 120, importance: 3 },
    value: ({ twoFactorEnabled }) => (twoFactorEnabled ? 'on' : 'off'),
    cell: ({ twoFactorEnabled }) => (
      <Status tone={twoFactorEnabled ? 'good' : 'idle'} word={twoFactorEnabled ? 'On' : 'Off'} />
    ),
  },
  {
    ...{ id: 'created', label: 'Created', width: 110, align: 'right', importance: 4 },
    value: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
