import type { ReactNode } from 'react';
import type { FieldValues } from 'react-hook-form';
import { cn } from '#lib/cn.ts';
import { Alert } from '../ui/alert.tsx';
import { Button, type ButtonProps } from '../ui/button.tsx';
import type { ApiForm } from './use-api-form.ts';

export interface FormProps<V extends FieldValues> {
  readonly form: ApiForm<V>;
  readonly children: ReactNode;
  readonly className?: string;
}

/** Sends by Enter and by its `SubmitButton`; a second press while it is sent does nothing. */
export function Form<V extends FieldValues>({ form, children, className }: FormProps<V>) {
  return (
    <form
      noValidate
      className={cn('flex flex-col gap-4', className)}
      onSubmit={(event) => {
        event.preventDefault();
        // A dialog's form inside of a page's form is not the page's.
        event.stopPropagation();
        if (!form.busy) form.submit();
      }}
    >
      {children}
    </form>
  );
}

/** What was refused and belongs to no field; put it above the buttons. */
export function FormProblem<V extends FieldValues>({ form }: { readonly form: ApiForm<V> }) {
  return form.problem === null ? null : <Alert tone="error" title={form.problem} />;
}

/** Sends the form. Says so while it does. */
export function SubmitButton<V extends FieldValues>({
  form,
  ...props
}: Omit<ButtonProps, 'form'> & { readonly form: ApiForm<V> }) {
  return <Button type="submit" variant="primary" busy={form.busy} {...props} />;
}
