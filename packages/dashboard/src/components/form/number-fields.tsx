import { useState } from 'react';
import type { FieldValues } from 'react-hook-form';
import { usePreferences } from '#lib/preferences.ts';
import { Input } from '../ui/input.tsx';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '../ui/select.tsx';
import { Field, type FieldProps, type InputAttributes } from './field.tsx';
import { BYTES_IEC, BYTES_SI, fittingUnit, MINUTES, SECONDS, type Unit } from './units.ts';

interface NumberFieldProps<V extends FieldValues> extends FieldProps<V> {
  /** Stands in the empty field and says what that means: `No limit`. An empty field is `null`. */
  readonly placeholder?: string;
  /** After the number, such as `Mbit/s`. */
  readonly unit?: string;
}

/** A whole number, or `null`. */
export function NumberField<V extends FieldValues>({ placeholder, unit, ...field }: NumberFieldProps<V>) {
  return (
    <Field {...field}>
      {({ value, onChange, ...rest }, attributes) => (
        <div className="flex items-center gap-2">
          <Input
            {...rest}
            {...attributes}
            inputMode="numeric"
            placeholder={placeholder}
            className="figures w-32 placeholder:font-sans"
            value={value ?? ''}
            onChange={({ target }) => onChange(numberOf(target.value))}
          />
          {unit !== undefined && <span className="text-muted">{unit}</span>}
        </div>
      )}
    </Field>
  );
}

/** A rate in Mbit/s, or `null` for none. */
export function RateField<V extends FieldValues>(props: NumberFieldProps<V>) {
  return <NumberField unit="Mbit/s" placeholder="No limit" {...props} />;
}

/** An amount of bytes, entered in the units that are chosen for this browser; `null` when empty. */
export function BytesField<V extends FieldValues>(props: NumberFieldProps<V>) {
  const { byteUnits } = usePreferences();
  return <UnitField {...props} units={byteUnits === 'iec' ? BYTES_IEC : BYTES_SI} />;
}

/** A time that is kept in seconds or in minutes; `null` when empty. */
export function DurationField<V extends FieldValues>({
  keptIn,
  ...props
}: NumberFieldProps<V> & { readonly keptIn: 'seconds' | 'minutes' }) {
  return <UnitField {...props} units={keptIn === 'seconds' ? SECONDS : MINUTES} />;
}

function UnitField<V extends FieldValues>({
  units,
  placeholder,
  ...field
}: NumberFieldProps<V> & { readonly units: readonly Unit[] }) {
  return (
    <Field {...field}>
      {({ value, onChange, onBlur, name }, attributes) => (
        <UnitInput
          {...{ units, placeholder, onChange, onBlur, name, attributes }}
          amount={value as number | null}
        />
      )}
    </Field>
  );
}

interface UnitInputProps {
  readonly units: readonly Unit[];
  readonly amount: number | null;
  readonly onChange: (amount: number | null) => void;
  readonly onBlur: () => void;
  readonly name: string;
  readonly placeholder: string | undefined;
  readonly attributes: InputAttributes;
}

/** A number and its unit. What is typed is kept as it is, so that "1." can become "1.5". */
function UnitInput({ units, amount, onChange, onBlur, name, placeholder, attributes }: UnitInputProps) {
  const [unit, setUnit] = useState(() => fittingUnit(units, amount ?? null));
  const [text, setText] = useState(() => textOf(amount, unit));
  const [sent, setSent] = useState(amount);
  if (amount !== sent) {
    // It came from outside, as when a form is reset.
    const fitting = fittingUnit(units, amount ?? null);
    setSent(amount);
    setUnit(fitting);
    setText(textOf(amount, fitting));
  }
  const send = (typed: string, { size }: Unit): void => {
    const number = numberOf(typed);
    const value = typeof number === 'number' ? Math.round(number * size) : number;
    setSent(value);
    onChange(value);
  };
  return (
    <div className="flex items-center gap-2">
      <Input
        {...{ onBlur, name, placeholder }}
        {...attributes}
        inputMode="decimal"
        className="figures w-32 placeholder:font-sans"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          send(target.value, unit);
        }}
      />
      <Select
        value={unit.name}
        onValueChange={(chosen) => {
          const next = units.find((each) => each.name === chosen) ?? unit;
          setUnit(next);
          send(text, next);
        }}
      >
        <SelectTrigger className="w-28" aria-label="Unit">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {units.map((each) => (
            <SelectItem key={each.name} value={each.name}>
              {each.name}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </div>
  );
}

/** Short, even for what a program has set to the byte: only what is typed is sent. */
function textOf(amount: number | null, { size }: Unit): string {
  return typeof amount === 'number' ? String(Number((amount / size).toFixed(2))) : '';
}

/** What is no number stays text, which the schema refuses. */
function numberOf(text: string): number | null {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  const number = Number(trimmed);
  return Number.isNaN(number) ? (text as unknown as number) : number;
}
