import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, Download } from 'lucide-react';
import { useState } from 'react';
import { BandwidthChart } from '#components/charts/bandwidth-chart.tsx';
import type { BucketSize, Span } from '#components/charts/buckets.ts';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';
import { Input } from '#components/ui/input.tsx';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { notify } from '#lib/notify.ts';
import { saveFile } from '#lib/save-file.ts';

/** Picks the day or the month that is shown. */
interface Stepper {
  readonly what: 'day' | 'month';
  readonly value: string;
  /** Nothing comes after it. */
  readonly last: string;
  readonly step: (value: string, by: number) => string;
  readonly onPick: (value: string) => void;
}

export interface TrafficSectionProps {
  /** Of the device, and what it is called in the name of the file. */
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly size: BucketSize;
  readonly span: Span;
  readonly stepper?: Stepper;
}

/** Traffic of one span in buckets of one size. */
export function TrafficSection({ id, name, title, size, span, stepper }: TrafficSectionProps) {
  const query = { granularity: size, ...span };
  const { data, error, refetch } = useQuery(queries.bandwidth('devices', id, query));
  return (
    <Section
      title={title}
      actions={
        <>
          {stepper && <Steps {...stepper} />}
          <SaveTable {...{ id, name, query }} />
        </>
      }
    >
      {error && !data ? (
        <ErrorState error={error} title="Traffic could not be read" onRetry={() => void refetch()} />
      ) : (
        <BandwidthChart buckets={data?.items} granularity={size} {...span} height={180} />
      )}
    </Section>
  );
}

function Steps({ what, value, last, step, onPick }: Stepper) {
  return (
    <div className="flex items-center gap-1">
      <Button
        variant="ghost"
        size="icon"
        aria-label={`The ${what} before`}
        onClick={() => onPick(step(value, -1))}
      >
        <ChevronLeft />
      </Button>
      <Input
        type={what === 'day' ? 'date' : 'month'}
        aria-label={what === 'day' ? 'Day' : 'Month'}
        className="figures w-36"
        value={value}
        max={last}
        onChange={({ target }) => isPast(target.value, last) && onPick(target.value)}
      />
      <Button
        variant="ghost"
        size="icon"
        aria-label={`The ${what} after`}
        disabled={value >= last}
        onClick={() => onPick(step(value, 1))}
      >
        <ChevronRight />
      </Button>
    </div>
  );
}

/** Browsers without a field for months let anything be typed. */
function isPast(value: string, last: string): boolean {
  return /^\d{4}-\d{2}(-\d{2})?$/.test(value) && value.length === last.length && value <= last;
}

interface SaveTableProps {
  readonly id: string;
  readonly name: string;
  readonly query: { readonly granularity: BucketSize } & Span;
}

function SaveTable({ id, name, query }: SaveTableProps) {
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const table = await api.file('/devices/:id/bandwidth', { id, query: { ...query, format: 'csv' } });
      saveFile(`${name} by ${query.granularity} ${query.from.slice(0, 10)}.csv`, table);
    } catch (error) {
      notify.failed('The table was not saved', error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button busy={busy} onClick={() => void save()} aria-label={`Save CSV by ${query.granularity}`}>
      {!busy && <Download aria-hidden />}
      CSV
    </Button>
  );
}
