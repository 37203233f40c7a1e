import { type ConnectionView, changePasswordBodySchema } from '@pocketproxy/protocol/api';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import type { Credentials } from '../credentials-sheet.tsx';
import { DialogForm, FormDialog } from '../form/form-dialog.tsx';
import { TextField } from '../form/text-fields.tsx';
import { useApiForm } from '../form/use-api-form.ts';

export interface NewPasswordProps {
  readonly connection: ConnectionView;
  readonly onClose: () => void;
  readonly onChanged: (credentials: Credentials) => void;
}

/** Asks for a new password, or has one made up. */
export function NewPassword({ connection, onClose, onChanged }: NewPasswordProps) {
  const { id, name, host, port, protocols } = connection;
  const form = useApiForm({
    schema: changePasswordBodySchema,
    values: { password: undefined },
    onSubmit: async (body) => {
      const changed = await api.post('/connections/:id/password', { id, body });
      notify.done(`Password of ${name} changed`);
      onChanged({ ...{ name, host, port, protocols }, ...changed });
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`New password for “${name}”`}
      description="The old one ends at once, and with it every flow and VPN session that it let in."
    >
      <DialogForm form={form} submit="Change password">
        <TextField
          {...{ form, name: 'password', label: 'Password' }}
          {...{ optional: true, mono: true, autoFocus: true, placeholder: 'Made up when left empty' }}
          hint="At least 8 characters if you choose your own."
        />
      </DialogForm>
    </FormDialog>
  );
}
