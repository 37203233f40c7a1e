import { createInvitationBodySchema, type Role } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { DialogForm } from '#components/form/form-dialog.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { RoleFields, withOwnOrganization } from './role-fields.tsx';
import { invitationsQuery, organizationsQuery } from './team-queries.ts';

/** What is told of an invitation this once. */
export interface MadeInvitation {
  readonly email: string;
  readonly url: string;
  readonly emailed: boolean;
}

/** Makes a link by which somebody makes their own account. */
export function InviteForm({ onInvited }: { readonly onInvited: (invitation: MadeInvitation) => void }) {
  const client = useQueryClient();
  const form = useApiForm({
    schema: createInvitationBodySchema,
    values: { email: '', role: 'operator' as Role },
    onSubmit: async (body) => {
      const made = await api.post('/invitations', { body: withOwnOrganization(body) });
      await client.invalidateQueries({ queryKey: invitationsQuery.queryKey });
      await client.invalidateQueries({ queryKey: organizationsQuery.queryKey });
      notify.done(`${made.email} invited${made.emailed ? ' by e-mail' : ''}`);
      onInvited(made);
    },
  });
  return (
    <DialogForm form={form} submit="Invite">
      <TextField form={form} name="email" label="E-mail" type="email" autoFocus />
      <TextField form={form} name="name" label="Name" optional placeholder="They say it themselves" />
      <RoleFields
        form={form}
        roleField="role"
        organizationField="organizationId"
        placeholder="A new one of its own"
      />
    </DialogForm>
  );
}
