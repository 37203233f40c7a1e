import { changeOwnPasswordBodySchema } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { DialogForm, FormDialog } from '#components/form/form-dialog.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { Section } from '#components/page.tsx';
import { Button } from '#components/ui/button.tsx';
import { ApiError, hasCode } from '#lib/api/api-error.ts';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { sessionsQuery } from './sessions-query.ts';

/** Changing the own password. */
export function PasswordSection() {
  const [open, setOpen] = useState(false);
  return (
    <Section
      title="Password"
      lead="Changing it ends every other session."
      actions={<Button onClick={() => setOpen(true)}>Change password</Button>}
    >
      <FormDialog
        title="Change password"
        description="Every other session ends."
        open={open}
        onOpenChange={setOpen}
      >
        <PasswordForm onDone={() => setOpen(false)} />
      </FormDialog>
    </Section>
  );
}

function PasswordForm({ onDone }: { readonly onDone: () => void }) {
  const client = useQueryClient();
  const form = useApiForm({
    schema: changeOwnPasswordBodySchema,
    values: { currentPassword: '', newPassword: '' },
    onSubmit: async (body) => {
      await api.post('/auth/password', { body }).catch(sayWhere('currentPassword'));
      await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      notify.done('Password changed', 'Every other session has ended.');
      onDone();
    },
  });
  return (
    <DialogForm form={form} submit="Change password">
      <TextField
        form={form}
        name="currentPassword"
        label="Password of now"
        type="password"
        autoComplete="current-password"
        autoFocus
      />
      <TextField
        form={form}
        name="newPassword"
        label="New password"
        type="password"
        autoComplete="new-password"
        hint="Long is better than odd: a few words do well."
      />
    </DialogForm>
  );
}

/** A password that is wrong is said at its field. */
export function sayWhere(field: string): (error: unknown) => never {
  return (error) => {
    if (!hasCode(error, 'invalid_credentials')) throw error;
    throw new ApiError(error.code, error.message, {
      ...{ status: error.status, retryAfterSeconds: error.retryAfterSeconds },
      fields: [{ field, message: 'This is not your password' }],
    });
  };
}
