import {
  createUserBodySchema,
  type Role,
  type UserDetail,
  updateUserBodySchema,
} from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { DialogForm } from '#components/form/form-dialog.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { RoleFields, withOwnOrganization } from './role-fields.tsx';
import { organizationsQuery, usersQuery } from './team-queries.ts';

/** What somebody signs in with, told this once. */
export interface Login {
  readonly email: string;
  readonly password: string;
}

/** Makes an account at once, with a password that is handed over. */
export function AddPersonForm({ onAdded }: { readonly onAdded: (login: Login) => void }) {
  const client = useQueryClient();
  const form = useApiForm({
    schema: createUserBodySchema,
    values: { email: '', name: '', role: 'operator' as Role },
    onSubmit: async (body) => {
      const made = await api.post('/users', { body: withOwnOrganization(body) });
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
      await client.invalidateQueries({ queryKey: organizationsQuery.queryKey });
      notify.done(`${made.name} added`);
      onAdded(made);
    },
  });
  return (
    <DialogForm form={form} submit="Add person">
      <TextField form={form} name="email" label="E-mail" type="email" autoFocus />
      <TextField form={form} name="name" label="Name" />
      <RoleFields
        form={form}
        roleField="role"
        organizationField="organizationId"
        placeholder="A new one of its own"
      />
      <TextField
        form={form}
        name="password"
        label="Password"
        mono
        optional
        placeholder="One is made up"
        hint="They can change it under Settings."
      />
    </DialogForm>
  );
}

/** Changes name, role and organization. */
export function EditPersonForm({ user, onDone }: { readonly user: UserDetail; readonly onDone: () => void }) {
  const client = useQueryClient();
  const { id, name, role, organizationId } = user;
  const form = useApiForm({
    schema: updateUserBodySchema,
    values: { name, role, ...(role === 'customer' && { organizationId }) },
    onSubmit: async (body) => {
      const changed = await api.patch('/users/:id', { id, body: withOwnOrganization(body) });
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
      await client.invalidateQueries({ queryKey: organizationsQuery.queryKey });
      notify.done(`${changed.name} changed`);
      onDone();
    },
  });
  return (
    <DialogForm form={form} submit="Save">
      <TextField form={form} name="name" label="Name" autoFocus />
      <RoleFields
        form={form}
        roleField="role"
        organizationField="organizationId"
        placeholder="Choose a customer"
      />
    </DialogForm>
  );
}
