import type { InvitationView } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Mail, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { ConfirmDelete } from '#components/confirm-delete.tsx';
import { DataTable } from '#components/data-table/data-table.tsx';
import type { Column } from '#components/data-table/table-columns.ts';
import { FormDialog } from '#components/form/form-dialog.tsx';
import { EmptyState } from '#components/states.tsx';
import { Status, type Tone } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { api } from '#lib/api/client.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { NOTHING } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';
import { usePageAction } from '#lib/page-actions.ts';
import { ROLES } from '#lib/roles.ts';
import { InvitationSheet } from './invitation-sheet.tsx';
import { InviteForm, type MadeInvitation } from './invite-form.tsx';
import { TeamFrame } from './team-frame.tsx';
import { invitationsQuery } from './team-queries.ts';
import { useOrganizations } from './use-organizations.ts';

const STATES: Readonly<Record<InvitationView['status'], readonly [Tone, string]>> = {
  pending: ['busy', 'Waiting'],
  accepted: ['good', 'Accepted'],
  expired: ['idle', 'Expired'],
};

type Row = InvitationView & { readonly organization: string | undefined };

const COLUMNS: readonly Column<Row>[] = [
  {
    ...{ id: 'email', label: 'E-mail', width: 200, grow: true, importance: 1 },
    value: ({ email }) => email,
    cell: ({ email }) => <span className="font-medium">{email}</span>,
  },
  {
    ...{ id: 'status', label: 'Status', width: 120, importance: 1 },
    value: ({ status }) => status,
    cell: ({ status }) => <Status tone={STATES[status][0]} word={STATES[status][1]} />,
  },
  {
    ...{ id: 'role', label: 'Role', width: 130, importance: 2 },
    value: ({ role }) => role,
    cell: ({ role }) => <Badge>{ROLES[role].label}</Badge>,
  },
  {
    ...{ id: 'organization', label: 'Customer', width: 160, importance: 3 },
    value: ({ organization }) => organization ?? null,
    cell: ({ role, organization }) => (role === 'customer' ? (organization ?? 'A new one') : NOTHING),
  },
  {
    ...{ id: 'expires', label: 'Good until', width: 120, align: 'right', importance: 2 },
    value: ({ expiresAt }) => Date.parse(expiresAt),
    cell: ({ status, expiresAt }) => (status === 'accepted' ? NOTHING : <Time at={expiresAt} />),
  },
  {
    ...{ id: 'created', label: 'Invited', width: 120, align: 'right', importance: 4 },
    value: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

/** Who was asked to make an account. */
export function InvitationsPage() {
  const client = useQueryClient();
  const mayWrite = usePermissions()('users:write');
  const { data, error, refetch } = useQuery(invitationsQuery);
  const { nameOf } = useOrganizations();
  const [inviting, setInviting] = useState(false);
  const [made, setMade] = useState<MadeInvitation | null>(null);
  const [revoking, setRevoking] = useState<InvitationView | null>(null);
  const rows = useMemo(
    () => data?.map((row) => ({ ...row, organization: nameOf(row.organizationId) })),
    [data, nameOf],
  );
  usePageAction({
    ...{ id: 'invite', label: 'Invite somebody', icon: Mail, shortcut: 'n' },
    ...{ enabled: mayWrite, run: () => setInviting(true) },
  });
  const button = mayWrite && (
    <Button variant="primary" onClick={() => setInviting(true)}>
      <Mail aria-hidden />
      Invite
    </Button>
  );
  return (
    <TeamFrame actions={data?.length !== 0 && button}>
      <DataTable
        name="invitations"
        columns={COLUMNS}
        rows={rows}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id }) => id}
        isDimmed={({ status }) => status !== 'pending'}
        searchText={({ email, name, organization }) => `${email} ${name ?? ''} ${organization ?? ''}`}
        {...(mayWrite && {
          rowActions: (row: Row) => (
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={`Revoke the invitation of ${row.email}`}
              onClick={() => setRevoking(row)}
            >
              <Trash2 aria-hidden />
            </Button>
          ),
        })}
        actionsWidth={48}
        empty={
          <EmptyState
            icon={Mail}
            title="Nobody is invited"
            action={button}
            command="npx pocketproxy user add <e-mail>"
          >
            A link lets somebody choose their own password and join.
          </EmptyState>
        }
      />
      <FormDialog
        title="Invite somebody"
        description="They get a link, choose a password and are in."
        open={inviting}
        onOpenChange={setInviting}
      >
        <InviteForm
          onInvited={(invitation) => {
            setInviting(false);
            setMade(invitation);
          }}
        />
      </FormDialog>
      <InvitationSheet invitation={made} onClose={() => setMade(null)} />
      {revoking && (
        <ConfirmDelete
          open
          onOpenChange={() => setRevoking(null)}
          kind="invitation"
          verb="Revoke"
          name={revoking.email}
          dependants={revoking.status === 'pending' ? ['The link that was sent: it leads nowhere then'] : []}
          onConfirm={async () => {
            await api.delete('/invitations/:id', { id: revoking.id });
            await client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
            notify.done(`Invitation of ${revoking.email} revoked`);
          }}
        />
      )}
    </TeamFrame>
  );
}
