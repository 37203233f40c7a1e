import type { FieldValues } from 'react-hook-form';
import { cn } from '#lib/cn.ts';
import { Checkbox } from '../ui/checkbox.tsx';
import { Switch } from '../ui/switch.tsx';
import { Field, type FieldProps } from './field.tsx';
import { type Option, OptionSelect } from './option-select.tsx';

/** One of a few. */
export function SelectField<V extends FieldValues>({
  options,
  placeholder,
  ...field
}: FieldProps<V> & { readonly options: readonly Option[]; readonly placeholder?: string }) {
  return (
    <Field {...field}>
      {({ value, onChange, onBlur, ref }, attributes) => (
        <OptionSelect
          {...attributes}
          {...{ options, placeholder, onChange, onBlur, ref }}
          value={value ?? ''}
        />
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

/** Any number of a few. The value is a list. */
export function ChecksField<V extends FieldValues>({
  options,
  columns = 1,
  ...field
}: FieldProps<V> & {
  readonly label: string;
  readonly options: readonly Option[];
  readonly columns?: 1 | 2;
}) {
  return (
    <Field {...field}>
      {({ value, onChange, onBlur, ref }, { id, ...attributes }) => {
        const chosen = (value ?? []) as readonly string[];
        const toggle = (option: string): void =>
          onChange(
            options.map((each) => each.value).filter((each) => chosen.includes(each) !== (each === option)),
          );
        return (
          <fieldset
            id={id}
            aria-describedby={attributes['aria-describedby']}
            aria-label={field.label}
            className={cn('grid gap-x-4 gap-y-2', columns === 2 && 'sm:grid-cols-2')}
          >
            {options.map((option, at) => (
              // biome-ignore lint/a11y/noLabelWithoutControl: the box in it is one
              <label key={option.value} className="flex items-start gap-2">
                <Checkbox
                  ref={at === 0 ? ref : undefined}
                  className="mt-0.5"
                  checked={chosen.includes(option.value)}
                  onCheckedChange={() => toggle(option.value)}
                  onBlur={onBlur}
                />
                <span className="flex min-w-0 flex-col">
                  {option.label}
                  {option.hint !== undefined && <span className="text-faint text-xs">{option.hint}</span>}
                </span>
              </label>
            ))}
          </fieldset>
        );
      }}
    </Field>
  );
}
