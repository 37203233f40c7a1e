import { confirmPasswordBodySchema } from '@pocketproxy/protocol/api';
import { DialogForm } from '#components/form/form-dialog.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { sayWhere } from './password-section.tsx';

export interface ConfirmPasswordFormProps {
  readonly submit: string;
  readonly onPassword: (password: string) => Promise<void>;
}

/** Asks for the password once more: who finds an open browser does not know it. */
export function ConfirmPasswordForm({ submit, onPassword }: ConfirmPasswordFormProps) {
  const form = useApiForm({
    schema: confirmPasswordBodySchema,
    values: { password: '' },
    onSubmit: ({ password }) => onPassword(password).catch(sayWhere('password')),
  });
  return (
    <DialogForm form={form} submit={submit}>
      <TextField
        form={form}
        name="password"
        label="Your password"
        type="password"
        autoComplete="current-password"
        autoFocus
      />
    </DialogForm>
  );
}
