import type { DeviceView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { sumBuckets } from '#components/charts/buckets.ts';
import { type Stat, StatLine } from '#components/stat-line.tsx';
import { ErrorState } from '#components/states.tsx';
import { Traffic } from '#components/traffic.tsx';
import { queries } from '#lib/api/queries.ts';
import { TrafficSection } from './traffic-section.tsx';
import { daySpan, monthSpan, stepDay, stepMonth, yearSpan } from './usage-spans.ts';

const route = getRouteApi('/shell/devices/$id/usage');

/** What went through the phone: by hour, by day and by month, each as a picture, a table and a file. */
export function UsageTab() {
  const { id } = route.useParams();
  const { day: chosenDay, month: chosenMonth } = route.useSearch();
  const navigate = useNavigate({ from: '/devices/$id/usage' });
  const today = new Date().toISOString().slice(0, 10);
  const thisMonth = today.slice(0, 7);
  const [day, month] = [chosenDay ?? today, chosenMonth ?? thisMonth];
  const { data: device } = useQuery(queries.device(id));
  const year = useQuery(queries.bandwidth('devices', id, { granularity: 'month', ...yearSpan(thisMonth) }));
  if (year.error && !year.data) {
    return (
      <ErrorState error={year.error} title="Traffic could not be read" onRetry={() => void year.refetch()} />
    );
  }
  const pick = (change: { day?: string; month?: string }): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  const name = device?.name ?? 'device';
  return (
    <>
      <div className="px-6 pt-5 pb-1 max-md:px-4">
        <StatLine stats={totalsOf(year.data?.items, thisMonth, device)} />
      </div>
      <TrafficSection
        {...{ id, name, size: 'hour', span: daySpan(day) }}
        title="By hour"
        stepper={{
          what: 'day',
          value: day,
          last: today,
          step: stepDay,
          onPick: (next) => pick({ day: next }),
        }}
      />
      <TrafficSection
        {...{ id, name, size: 'day', span: monthSpan(month) }}
        title="By day"
        stepper={{
          ...{ what: 'month', value: month, last: thisMonth, step: stepMonth },
          onPick: (next) => pick({ month: next }),
        }}
      />
      <TrafficSection {...{ id, name, size: 'month', span: yearSpan(thisMonth) }} title="By month" />
    </>
  );
}

type Buckets = Parameters<typeof sumBuckets>[0];

function totalsOf(months: Buckets | undefined, thisMonth: string, device: DeviceView | undefined): Stat[] {
  const total = (items: Buckets | undefined) => items && <Traffic {...sumBuckets(items)} />;
  return [
    { label: 'This month', value: total(months?.filter(({ start }) => start.startsWith(thisMonth))) },
    { label: 'Twelve months', value: total(months) },
    {
      // Should the tunnel run over the SIM card, its bytes are paid for twice: these two tell.
      label: 'Mobile data, since pairing',
      value: device && <Traffic down={device.mobileBytesDown} up={device.mobileBytesUp} />,
    },
    {
      label: 'Wi-Fi, since pairing',
      value: device && <Traffic down={device.wifiBytesDown} up={device.wifiBytesUp} />,
    },
  ];
}
