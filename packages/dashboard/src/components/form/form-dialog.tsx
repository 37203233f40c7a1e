import type { ReactNode } from 'react';
import type { FieldValues } from 'react-hook-form';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog.tsx';
import { Form, FormProblem, SubmitButton } from './form.tsx';
import type { ApiForm } from './use-api-form.ts';

export interface FormDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** One sentence on what this is for. */
  readonly description?: string;
  /** Drawn anew with each opening, so that a form begins anew. */
  readonly children: ReactNode;
}

/** A dialog for a form that is a component of its own, with a `DialogForm` in it. */
export function FormDialog({ open, onOpenChange, title, description, children }: FormDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      {open && (
        <DialogContent title={title} description={description} className="w-[min(36rem,calc(100vw-2rem))]">
          {children}
        </DialogContent>
      )}
    </Dialog>
  );
}

export interface DialogFormProps<V extends FieldValues> {
  readonly form: ApiForm<V>;
  /** What the button says. */
  readonly submit: string;
  readonly children: ReactNode;
}

/** A form as the whole content of a dialog: fields, what was refused, Cancel and the button. */
export function DialogForm<V extends FieldValues>({ form, submit, children }: DialogFormProps<V>) {
  return (
    <Form form={form} className="gap-0">
      <DialogBody>
        {children}
        <FormProblem form={form} />
      </DialogBody>
      <DialogFooter>
        <DialogClose asChild>
          <Button variant="ghost">Cancel</Button>
        </DialogClose>
        <SubmitButton form={form}>{submit}</SubmitButton>
      </DialogFooter>
    </Form>
  );
}
