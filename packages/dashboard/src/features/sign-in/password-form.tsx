import { loginBodySchema } from '@pocketproxy/protocol/api';
import { Form, FormProblem, SubmitButton } from '#components/form/form.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { hasCode } from '#lib/api/api-error.ts';
import type { Credentials } from '#lib/api/session.ts';

export interface PasswordFormProps {
  readonly onPassword: (credentials: Credentials) => Promise<void>;
  /** The password is right, and this account has a second factor. */
  readonly onCodeNeeded: (credentials: Credentials) => void;
}

/** First step. */
export function PasswordForm({ onPassword, onCodeNeeded }: PasswordFormProps) {
  const form = useApiForm({
    schema: loginBodySchema.omit({ code: true }),
    values: { email: '', password: '' },
    onSubmit: async (credentials) => {
      try {
        await onPassword(credentials);
      } catch (error) {
        if (!hasCode(error, 'two_factor_required')) throw error;
        onCodeNeeded(credentials);
      }
    },
  });
  return (
    <Form form={form}>
      <TextField form={form} name="email" label="E-mail" type="email" autoComplete="username" autoFocus />
      <TextField
        form={form}
        name="password"
        label="Password"
        type="password"
        autoComplete="current-password"
      />
      <FormProblem form={form} />
      <SubmitButton form={form}>Sign in</SubmitButton>
    </Form>
  );
}
