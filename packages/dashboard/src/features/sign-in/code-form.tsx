import { confirmCodeBodySchema } from '@pocketproxy/protocol/api';
import { Form, FormProblem, SubmitButton } from '#components/form/form.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { Button } from '#components/ui/button.tsx';

export interface CodeFormProps {
  readonly onCode: (code: string) => Promise<void>;
  readonly onBack: () => void;
}

/** Second step. */
export function CodeForm({ onCode, onBack }: CodeFormProps) {
  const form = useApiForm({
    schema: confirmCodeBodySchema,
    values: { code: '' },
    onSubmit: ({ code }) => onCode(code),
  });
  return (
    <Form form={form}>
      <TextField form={form} name="code" label="Code" autoComplete="one-time-code" autoFocus mono />
      <FormProblem form={form} />
      <SubmitButton form={form}>Sign in</SubmitButton>
      <Button variant="ghost" onClick={onBack}>
        Back
      </Button>
    </Form>
  );
}
