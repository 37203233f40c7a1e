import { Check, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import type { FieldValues } from 'react-hook-form';
import { cn } from '#lib/cn.ts';
import { Command, CommandEmpty, CommandInput, CommandItem, CommandList } from '../ui/command.tsx';
import { Popover, PopoverContent, PopoverTrigger } from '../ui/popover.tsx';
import { Field, type FieldProps, type InputAttributes } from './field.tsx';

/** One of many. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  /** On the right, such as an address. */
  readonly detail?: string;
}

/** More than fit on a screen are found by typing, not by scrolling. */
const SHOWN = 50;

interface PickFieldProps<V extends FieldValues> extends FieldProps<V> {
  /** `undefined` while they are read. */
  readonly choices: readonly Choice[] | undefined;
  readonly placeholder: string;
  readonly autoFocus?: boolean;
}

/** One of so many that it is searched for, such as a device. */
export function PickField<V extends FieldValues>({
  choices,
  placeholder,
  autoFocus = false,
  ...field
}: PickFieldProps<V>) {
  return (
    <Field {...field}>
      {({ value, onChange, onBlur, ref }, attributes) => (
        <Picker
          {...{ choices, placeholder, autoFocus, value, onChange, onBlur, attributes }}
          buttonRef={ref}
        />
      )}
    </Field>
  );
}

interface PickerProps {
  readonly choices: readonly Choice[] | undefined;
  readonly placeholder: string;
  readonly autoFocus: boolean;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
  readonly onBlur: () => void;
  readonly attributes: InputAttributes;
  readonly buttonRef: (element: HTMLButtonElement | null) => void;
}

function Picker(props: PickerProps) {
  const { choices, placeholder, autoFocus, value, onChange, onBlur, attributes, buttonRef } = props;
  const [open, setOpen] = useState(false);
  const chosen = choices?.find((choice) => choice.value === value);
  return (
    <Popover
      // Inside of a dialog, only what is modal itself can be scrolled.
      modal
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (!next) onBlur();
      }}
    >
      <PopoverTrigger
        {...attributes}
        ref={buttonRef}
        type="button"
        role="combobox"
        autoFocus={autoFocus}
        aria-expanded={open}
        className="flex h-8 w-full min-w-0 items-center gap-2 rounded-md border border-border bg-raised px-2.5 text-left transition-colors hover:border-border-strong aria-invalid:border-red"
      >
        <span className={cn('truncate', !chosen && 'text-faint')}>{chosen?.label ?? placeholder}</span>
        <span className="figures ml-auto truncate text-faint">{chosen?.detail}</span>
        <ChevronDown aria-hidden className="size-4 shrink-0 text-faint" />
      </PopoverTrigger>
      <PopoverContent className="w-(--radix-popover-trigger-width) overflow-hidden p-0">
        <Choices
          {...{ choices: choices ?? [], placeholder, value }}
          onPick={(picked) => {
            onChange(picked);
            setOpen(false);
          }}
        />
      </PopoverContent>
    </Popover>
  );
}

interface ChoicesProps {
  readonly choices: readonly Choice[];
  readonly placeholder: string;
  readonly value: string | undefined;
  readonly onPick: (value: string) => void;
}

function Choices({ choices, placeholder, value, onPick }: ChoicesProps) {
  const [text, setText] = useState('');
  const found = findChoices(choices, text);
  const more = found.length - SHOWN;
  return (
    <Command shouldFilter={false} label={placeholder}>
      <CommandInput value={text} onValueChange={setText} placeholder="Search" className="h-9 text-base" />
      <CommandList className="max-h-60">
        <CommandEmpty className="px-3 py-4 text-center text-muted">Nothing is called that</CommandEmpty>
        {found.slice(0, SHOWN).map((choice) => (
          <CommandItem key={choice.value} value={choice.value} onSelect={onPick} className="h-8">
            <span className="truncate">{choice.label}</span>
            <span className="figures ml-auto truncate text-faint">{choice.detail}</span>
            <Check aria-hidden className={cn('shrink-0', choice.value !== value && 'invisible')} />
          </CommandItem>
        ))}
      </CommandList>
      {more > 0 && (
        <p className="border-border border-t px-3 py-1.5 text-faint text-xs">{`${more} more: type to find them`}</p>
      )}
    </Command>
  );
}

/** Those that have every word of `text` in their label or detail. */
export function findChoices(choices: readonly Choice[], text: string): readonly Choice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter(({ label, detail = '' }) => {
    const found = `${label} ${detail}`.toLowerCase();
    return words.every((word) => found.includes(word));
  });
}
