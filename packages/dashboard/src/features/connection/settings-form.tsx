import type { ReactNode } from 'react';
import { Form, FormProblem, SubmitButton } from '#components/form/form.tsx';
import type { ApiForm } from '#components/form/use-api-form.ts';
import { Section } from '#components/page.tsx';
import { Button } from '#components/ui/button.tsx';
import type { Changes } from './use-connection-form.ts';

export interface SettingsFormProps {
  readonly title: string;
  readonly form: ApiForm<Changes>;
  readonly children: ReactNode;
}

/** Some settings with a heading; its buttons come once something was changed. */
export function SettingsForm({ title, form, children }: SettingsFormProps) {
  const { isDirty } = form.fields.formState;
  return (
    <Section title={title}>
      <Form form={form}>
        <div className="grid gap-4 sm:max-xl:grid-cols-2">{children}</div>
        <FormProblem form={form} />
        {isDirty && (
          <div className="flex gap-2">
            <SubmitButton form={form} size="sm">
              Save
            </SubmitButton>
            <Button variant="ghost" size="sm" onClick={() => form.fields.reset()}>
              Discard
            </Button>
          </div>
        )}
      </Form>
    </Section>
  );
}
