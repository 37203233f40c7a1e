import type { UserDetail } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { ConfirmDelete } from '#components/confirm-delete.tsx';
import { FormDialog } from '#components/form/form-dialog.tsx';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { EditPersonForm, type Login } from './person-forms.tsx';
import type { PersonStep } from './person-menu.tsx';
import { apiKeysQuery, organizationsQuery, usersQuery } from './team-queries.ts';

export interface PersonStepsProps {
  readonly user: UserDetail;
  readonly step: PersonStep;
  readonly onClose: () => void;
  /** A password that was made up. */
  readonly onLogin: (login: Login) => void;
}

/** Asks before somebody loses something, and says what. */
export function PersonSteps({ user, step, onClose, onLogin }: PersonStepsProps) {
  const client = useQueryClient();
  const done = async (text: string): Promise<void> => {
    for (const { queryKey } of [usersQuery, apiKeysQuery, organizationsQuery]) {
      await client.invalidateQueries({ queryKey });
    }
    notify.done(text);
  };
  const dialog = { open: true, onOpenChange: (open: boolean) => !open && onClose(), name: user.name };
  const { id } = user;
  switch (step) {
    case 'edit':
      return (
        <FormDialog {...dialog} title={`Change “${user.name}”`} description={user.email}>
          <EditPersonForm user={user} onDone={onClose} />
        </FormDialog>
      );
    case 'password':
      return (
        <ConfirmDelete
          {...dialog}
          kind="password of"
          verb="Replace"
          button="Replace password"
          dependants={['The password of now', 'Every session: they have to sign in again']}
          onConfirm={async () => {
            onLogin(await api.post('/users/:id/password', { id, body: {} }));
            await done(`${user.name} has a new password`);
          }}
        />
      );
    case 'two-factor':
      return (
        <ConfirmDelete
          {...dialog}
          kind="second factor of"
          verb="Turn off"
          button="Turn off"
          dependants={['The authenticator and the backup codes: the password alone is enough then']}
          onConfirm={async () => {
            await api.delete('/users/:id/two-factor', { id });
            await done(`The second factor of ${user.name} is off`);
          }}
        />
      );
    case 'disable':
      return (
        <ConfirmDelete
          {...dialog}
          kind="account of"
          verb="Disable"
          button="Disable"
          note="They cannot sign in until somebody enables them again."
          dependants={['Every session', 'Their API keys do not work meanwhile']}
          onConfirm={async () => {
            await api.patch('/users/:id', { id, body: { disabled: true } });
            await done(`${user.name} is disabled`);
          }}
        />
      );
    case 'delete':
      return (
        <ConfirmDelete
          {...dialog}
          kind="account of"
          button="Delete account"
          dependants={['Every session', 'Their API keys, and what programs do with them']}
          onConfirm={async () => {
            await api.delete('/users/:id', { id });
            await done(`${user.name} deleted`);
          }}
        />
      );
  }
}
