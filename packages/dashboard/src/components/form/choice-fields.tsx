import type { FieldValues } from 'react-hook-form';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '../ui/select.tsx';
import { Switch } from '../ui/switch.tsx';
import { Field, type FieldProps } from './field.tsx';

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** One of a few. */
export function SelectField<V extends FieldValues>({
  options,
  placeholder,
  ...field
}: FieldProps<V> & { readonly options: readonly Option[]; readonly placeholder?: string }) {
  return (
    <Field {...field}>
      {({ value, onChange, onBlur, ref }, attributes) => (
        <Select value={value ?? ''} onValueChange={onChange}>
          <SelectTrigger {...attributes} ref={ref} onBlur={onBlur}>
            <SelectValue placeholder={placeholder} />
          </SelectTrigger>
          <SelectContent>
            {options.map((option) => (
              <SelectItem key={option.value} value={option.value}>
                {option.label}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      )}
    </Field>
  );
}

/** On or off. */
export function SwitchField<V extends FieldValues>(field: FieldProps<V>) {
  return (
    <Field {...field} inline>
      {({ value, onChange, ...rest }, attributes) => (
        <Switch {...rest} {...attributes} checked={Boolean(value)} onCheckedChange={onChange} />
      )}
    </Field>
  );
}
