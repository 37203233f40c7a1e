import { X } from 'lucide-react';
import { Button } from '#components/ui/button.tsx';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '#components/ui/select.tsx';
import { TARGETS } from './audit-words.ts';

/** How far back one looks. */
export const PERIODS = {
  day: { label: 'Last 24 hours', hours: 24 },
  week: { label: 'Last 7 days', hours: 7 * 24 },
  month: { label: 'Last 30 days', hours: 30 * 24 },
} as const;

export type Period = keyof typeof PERIODS;

/** What of the filters is in the URL. */
export interface AuditSearch {
  readonly targetType?: string | undefined;
  readonly targetId?: string | undefined;
  readonly actor?: string | undefined;
  readonly period?: Period | undefined;
}

export interface AuditFilterBarProps {
  readonly search: AuditSearch;
  readonly onChange: (change: AuditSearch) => void;
  /** What the chosen person or program is called, once it is known. */
  readonly actorName: string | undefined;
}

const ALL = 'all';

/** Narrows the log down. */
export function AuditFilterBar({ search, onChange, actorName }: AuditFilterBarProps) {
  return (
    <>
      <Choice
        label="Kind of thing"
        all="Everything"
        value={search.targetType}
        options={Object.entries(TARGETS)}
        onChange={(targetType) => onChange({ targetType, targetId: undefined })}
      />
      <Choice
        label="Time"
        all="Any time"
        value={search.period}
        options={Object.entries(PERIODS).map(([value, { label }]) => [value, label] as const)}
        onChange={(period) => onChange({ period: period as Period | undefined })}
      />
      {search.actor !== undefined && (
        <Button onClick={() => onChange({ actor: undefined })}>
          {`By ${actorName ?? 'one person or program'}`}
          <X aria-label="Remove" />
        </Button>
      )}
      {search.targetId !== undefined && (
        <Button onClick={() => onChange({ targetId: undefined })}>
          Of one thing
          <X aria-label="Remove" />
        </Button>
      )}
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  /** Stands for no choice. */
  readonly all: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string | undefined) => void;
}

function Choice({ label, all, value, options, onChange }: ChoiceProps) {
  return (
    <Select value={value ?? ALL} onValueChange={(next) => onChange(next === ALL ? undefined : next)}>
      <SelectTrigger className="w-44" aria-label={label}>
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        <SelectItem value={ALL}>{all}</SelectItem>
        {options.map(([option, text]) => (
          <SelectItem key={option} value={option}>
            {text}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
