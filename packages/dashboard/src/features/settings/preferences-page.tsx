import { useId } from 'react';
import { type Option, OptionSelect } from '#components/form/option-select.tsx';
import { Section } from '#components/page.tsx';
import { Label } from '#components/ui/label.tsx';
import { formatBytes } from '#lib/format.ts';
import { type Preferences, setPreference, usePreferences } from '#lib/preferences.ts';
import { SettingsFrame } from './settings-frame.tsx';

/** What a person has chosen on this browser. */
export function PreferencesPage() {
  const { theme, byteUnits } = usePreferences();
  return (
    <SettingsFrame>
      <Section title="This browser" lead="Kept here, and only here: it counts at once.">
        <div className="flex max-w-md flex-col gap-4">
          <Choice
            label="Theme"
            value={theme}
            options={[
              { value: 'dark', label: 'Dark' },
              { value: 'light', label: 'Light' },
              { value: 'system', label: 'As the system' },
            ]}
            onChange={(value) => setPreference('theme', value as Preferences['theme'])}
          />
          <Choice
            label="Units of bytes"
            value={byteUnits}
            options={[
              { value: 'iec', label: 'KiB, MiB, GiB (1,024)' },
              { value: 'si', label: 'kB, MB, GB (1,000)' },
            ]}
            hint={`Ten million bytes are ${formatBytes(10_000_000, byteUnits)}. Rates are in Mbit/s everywhere.`}
            onChange={(value) => setPreference('byteUnits', value as Preferences['byteUnits'])}
          />
        </div>
      </Section>
    </SettingsFrame>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly hint?: string;
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, hint, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      <OptionSelect
        {...{ id, value, options, onChange }}
        {...(hint !== undefined && { 'aria-describedby': `${id}-hint` })}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-faint text-xs">
          {hint}
        </p>
      )}
    </div>
  );
}
