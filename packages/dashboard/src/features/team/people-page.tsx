import type { UserDetail } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Mail, UserPlus, Users } from 'lucide-react';
import { useMemo, useState } from 'react';
import { DataTable } from '#components/data-table/data-table.tsx';
import { FilterMenu } from '#components/data-table/filter-menu.tsx';
import { filterOptions } from '#components/data-table/filter-options.ts';
import { filterValues } from '#components/data-table/filter-values.ts';
import { FormDialog } from '#components/form/form-dialog.tsx';
import { SecretSheet } from '#components/secret-sheet.tsx';
import { EmptyState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';
import { meQuery, usePermissions } from '#lib/api/use-session.ts';
import { usePageAction } from '#lib/page-actions.ts';
import { ROLES } from '#lib/roles.ts';
import { InvitationSheet } from './invitation-sheet.tsx';
import { InviteForm, type MadeInvitation } from './invite-form.tsx';
import { PERSON_COLUMNS } from './person-columns.tsx';
import { AddPersonForm, type Login } from './person-forms.tsx';
import { PersonMenu, type PersonStep } from './person-menu.tsx';
import { PersonSteps } from './person-steps.tsx';
import { TeamFrame } from './team-frame.tsx';
import { usersQuery } from './team-queries.ts';
import { useOrganizations } from './use-organizations.ts';

const route = getRouteApi('/shell/team/people');

/** Everybody who can sign in. */
export function PeoplePage() {
  const { role, create } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = usePermissions()('users:write');
  const { data: me } = useQuery(meQuery);
  const { data, error, refetch } = useQuery(usersQuery);
  const { nameOf } = useOrganizations();
  const [step, setStep] = useState<{ step: PersonStep; user: UserDetail } | null>(null);
  const [login, setLogin] = useState<Login | null>(null);
  const [invitation, setInvitation] = useState<MadeInvitation | null>(null);
  const rows = useMemo(() => {
    const roles = filterValues(role);
    return data
      ?.filter((user) => roles.size === 0 || roles.has(user.role))
      .map((user) => ({ ...user, organization: nameOf(user.organizationId) }));
  }, [data, role, nameOf]);
  const show = (change: { create?: 'invitation' | 'person' | undefined; role?: string | undefined }): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const invite = (): void => show({ create: 'invitation' });
  usePageAction({
    ...{ id: 'invite', label: 'Invite somebody', icon: Mail, shortcut: 'n' },
    ...{ enabled: mayWrite, run: invite },
  });
  return (
    <TeamFrame
      actions={
        mayWrite && (
          <>
            <Button onClick={() => show({ create: 'person' })}>
              <UserPlus aria-hidden />
              Add with a password
            </Button>
            <Button variant="primary" onClick={invite}>
              <Mail aria-hidden />
              Invite
            </Button>
          </>
        )
      }
    >
      <DataTable
        name="people"
        columns={PERSON_COLUMNS}
        rows={rows}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id }) => id}
        isDimmed={({ disabled }) => disabled}
        searchText={({ name, email, organization }) => `${name} ${email} ${organization ?? ''}`}
        filters={
          <FilterMenu
            label="Role"
            value={role}
            onChange={(next) => show({ role: next })}
            options={filterOptions(data, (user) => user.role).map((option) => ({
              ...option,
              label: ROLES[option.value as UserDetail['role']].label,
            }))}
          />
        }
        isFiltered={role !== undefined}
        onClearFilters={() => show({ role: undefined })}
        {...(mayWrite && {
          rowActions: (user: UserDetail) => (
            <PersonMenu
              user={user}
              isSelf={user.id === me?.id}
              onStep={(next, of) => setStep({ step: next, user: of })}
            />
          ),
        })}
        actionsWidth={48}
        empty={<EmptyState icon={Users} title="Nobody is here" />}
      />
      <FormDialog
        title="Invite somebody"
        description="They get a link, choose a password and are in."
        open={create === 'invitation' && mayWrite}
        onOpenChange={() => show({ create: undefined })}
      >
        <InviteForm
          onInvited={(made) => {
            show({ create: undefined });
            setInvitation(made);
          }}
        />
      </FormDialog>
      <FormDialog
        title="Add a person with a password"
        description="The account exists at once; you hand the password over."
        open={create === 'person' && mayWrite}
        onOpenChange={() => show({ create: undefined })}
      >
        <AddPersonForm
          onAdded={(made) => {
            show({ create: undefined });
            setLogin(made);
          }}
        />
      </FormDialog>
      {step && <PersonSteps {...step} onClose={() => setStep(null)} onLogin={setLogin} />}
      <InvitationSheet invitation={invitation} onClose={() => setInvitation(null)} />
      <SecretSheet
        title={`Password of ${login?.email ?? ''}`}
        what="The password"
        remedy="A new one can take its place."
        lines={
          login && [
            { label: 'E-mail', text: login.email },
            { label: 'Password', text: login.password },
          ]
        }
        onClose={() => setLogin(null)}
      />
    </TeamFrame>
  );
}
