import type { FieldValues } from 'react-hook-form';
import { Input, Textarea } from '../ui/input.tsx';
import { Field, type FieldProps } from './field.tsx';

interface TextFieldProps<V extends FieldValues> extends FieldProps<V> {
  readonly type?: 'text' | 'email' | 'password' | 'url';
  readonly placeholder?: string;
  readonly autoComplete?: string;
  readonly autoFocus?: boolean;
  readonly inputMode?: 'numeric' | 'text';
  /** Addresses, names of users and the like. */
  readonly mono?: boolean;
  /** Whether an empty text means that there is none, so that the server makes one up. */
  readonly optional?: boolean;
}

export function TextField<V extends FieldValues>(props: TextFieldProps<V>) {
  const { type = 'text', placeholder, autoComplete, autoFocus, inputMode, mono, optional, ...field } = props;
  return (
    <Field {...field}>
      {({ value, onChange, ...rest }, attributes) => (
        <Input
          {...rest}
          {...attributes}
          {...{ type, placeholder, autoComplete: autoComplete ?? 'off', inputMode }}
          autoFocus={autoFocus}
          spellCheck={false}
          className={mono ? 'figures placeholder:font-sans' : ''}
          value={value ?? ''}
          onChange={({ target }) => onChange(optional && target.value === '' ? undefined : target.value)}
        />
      )}
    </Field>
  );
}

export function TextareaField<V extends FieldValues>({
  placeholder,
  ...field
}: FieldProps<V> & { readonly placeholder?: string }) {
  return (
    <Field {...field}>
      {({ value, ...rest }, attributes) => (
        <Textarea {...rest} {...attributes} placeholder={placeholder} value={value ?? ''} />
      )}
    </Field>
  );
}

/** A list with one entry in each line, such as an allowlist. */
export function LinesField<V extends FieldValues>({
  placeholder,
  ...field
}: FieldProps<V> & { readonly placeholder?: string }) {
  return (
    <Field {...field}>
      {({ value, onChange, onBlur, ...rest }, attributes) => (
        <Textarea
          {...rest}
          {...attributes}
          placeholder={placeholder}
          spellCheck={false}
          className="figures"
          value={((value ?? []) as readonly string[]).join('\n')}
          onChange={({ target }) => onChange(target.value === '' ? [] : target.value.split('\n'))}
          onBlur={() => {
            onChange(((value ?? []) as readonly string[]).map((line) => line.trim()).filter(Boolean));
            onBlur();
          }}
        />
      )}
    </Field>
  );
}

/** A moment in the reader's own time zone, kept as ISO 8601 in UTC; empty means none. */
export function MomentField<V extends FieldValues>(field: FieldProps<V>) {
  return (
    <Field {...field}>
      {({ value, onChange, ...rest }, attributes) => (
        <Input
          {...rest}
          {...attributes}
          type="datetime-local"
          className="figures w-56"
          value={typeof value === 'string' ? toLocal(value) : ''}
          onChange={({ target }) =>
            onChange(target.value === '' ? null : new Date(target.value).toISOString())
          }
        />
      )}
    </Field>
  );
}

function toLocal(iso: string): string {
  const date = new Date(iso);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
