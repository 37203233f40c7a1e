import { type ReactNode, useEffect, useId } from 'react';
import { Controller, type ControllerRenderProps, type FieldPath, type FieldValues } from 'react-hook-form';
import { cn } from '#lib/cn.ts';
import { Label } from '../ui/label.tsx';
import type { ApiForm } from './use-api-form.ts';

/** What every field of the kit takes. */
export interface FieldProps<V extends FieldValues> {
  readonly form: ApiForm<V>;
  readonly name: FieldPath<V>;
  readonly label: ReactNode;
  /** What it does or what to enter, below it. */
  readonly hint?: ReactNode;
  readonly className?: string;
}

/** What an input has to carry so that label, hint and error belong to it. */
export interface InputAttributes {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

interface Props<V extends FieldValues> extends FieldProps<V> {
  readonly children: (
    field: ControllerRenderProps<V, FieldPath<V>>,
    attributes: InputAttributes,
  ) => ReactNode;
  /** Beside the label instead of below it, as of switches. */
  readonly inline?: boolean;
}

/** Label, input, hint and error: one layout for all. */
export function Field<V extends FieldValues>({
  form,
  name,
  label,
  hint,
  className,
  inline,
  children,
}: Props<V>) {
  const id = useId();
  const { shown } = form;
  useEffect(() => {
    shown.add(name);
    return () => void shown.delete(name);
  }, [shown, name]);
  return (
    <Controller
      control={form.fields.control}
      name={name}
      render={({ field, fieldState: { error } }) => {
        const message = messageIn(error);
        const describedBy = [hint !== undefined && `${id}-hint`, message && `${id}-error`].filter(Boolean);
        const attributes: InputAttributes = {
          id,
          'aria-describedby': describedBy.join(' ') || undefined,
          'aria-invalid': message ? true : undefined,
        };
        return (
          <div className={cn('flex min-w-0 flex-col gap-1.5', className)}>
            <div className={cn('flex gap-1.5', inline ? 'items-center justify-between gap-4' : 'flex-col')}>
              <Label htmlFor={id}>{label}</Label>
              {children(field, attributes)}
            </div>
            {hint !== undefined && (
              <p id={`${id}-hint`} className="text-faint text-xs">
                {hint}
              </p>
            )}
            {message && (
              <p id={`${id}-error`} aria-live="polite" className="text-red text-xs">
                {message}
              </p>
            )}
          </div>
        );
      }}
    />
  );
}

/** The message of a field, or the first one of its parts, as of an entry in a list. */
function messageIn(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('message' in error && typeof error.message === 'string' && error.message !== '') return error.message;
  if (!Array.isArray(error)) return undefined;
  return error.map(messageIn).find((message) => message !== undefined);
}
