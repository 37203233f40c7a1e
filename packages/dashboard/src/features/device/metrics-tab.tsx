import type { DeviceSampleView, UptimeView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type Range, RangePicker, useRange } from '#components/charts/range.tsx';
import type { Series } from '#components/charts/series.ts';
import { TimeChart } from '#components/charts/time-chart.tsx';
import { Timeline } from '#components/charts/timeline.tsx';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { queries } from '#lib/api/queries.ts';
import { networkSegments, samplePoints } from './samples.ts';
import { localClock, localDay, localTime } from './times.ts';

const route = getRouteApi('/shell/devices/$id');

/** Samples are kept for two weeks. */
const RANGES = ['6h', '24h', '7d', '14d'] as const;

const UPTIME_STATES: readonly Series[] = [
  { id: 'online', label: 'Online', color: 'var(--green)' },
  { id: 'reconnecting', label: 'Reconnecting', color: 'var(--amber)' },
  { id: 'offline', label: 'Offline', color: 'var(--red)' },
];
/** Networks get these in the order in which they are met. */
const NETWORK_COLORS = ['var(--chart-down)', 'var(--chart-up)', 'var(--amber)', 'var(--grey)'];

/** How the phone was: reachable or not, in which network, how well it heard it, and how full. */
export function MetricsTab() {
  const { id } = route.useParams();
  const range = useRange('24h');
  const { from, to } = range;
  const uptime = useQuery(queries.deviceUptime(id, { from, to }));
  const samples = useQuery(queries.deviceMetrics(id, { from, to }));
  const failed = [uptime, samples].find(({ error, data }) => error && !data);
  if (failed) {
    return (
      <ErrorState
        error={failed.error}
        title="Metrics could not be read"
        onRetry={() => void failed.refetch()}
      />
    );
  }
  return (
    <Section title="Metrics" actions={<RangePicker value={range.name} names={RANGES} />}>
      <div className="flex flex-col gap-6">
        <Uptime uptime={uptime.data} range={range} />
        <Samples samples={samples.data?.items} range={range} />
      </div>
    </Section>
  );
}

function Uptime({ uptime, range }: { readonly uptime: UptimeView | undefined; readonly range: Range }) {
  const segments = useMemo(
    () =>
      uptime?.items.map(({ status, from, to }) => ({
        ...{ state: status, from: Date.parse(from), to: Date.parse(to) },
      })),
    [uptime],
  );
  const percent = uptime?.onlinePercent ?? null;
  return (
    <Timeline
      label="Uptime"
      summary={percent === null ? undefined : `${percent} % online`}
      states={UPTIME_STATES}
      segments={segments}
      {...edges(range)}
    />
  );
}

interface SamplesProps {
  readonly samples: readonly DeviceSampleView[] | undefined;
  readonly range: Range;
}

function Samples({ samples, range }: SamplesProps) {
  const network = useMemo(() => samples && networkSegments(samples), [samples]);
  const states = useMemo(() => networkStates(samples), [samples]);
  const signal = useMemo(
    () => samples && samplePoints(samples, 'signal', ({ signalDbm }) => signalDbm),
    [samples],
  );
  const battery = useMemo(
    () => samples && samplePoints(samples, 'battery', ({ batteryPercent }) => batteryPercent),
    [samples],
  );
  const { from, to } = edges(range);
  const axis = {
    ...{ span: [from, to] as const, formatTime: localTime },
    formatTick: range.name === '6h' || range.name === '24h' ? localClock : localDay,
  };
  return (
    <>
      <Timeline label="Network" states={states} segments={network} {...edges(range)} />
      <TimeChart
        label="Signal, in dBm: the closer to zero, the better"
        kind="line"
        series={[{ id: 'signal', label: 'Signal', color: 'var(--chart-down)' }]}
        points={signal}
        domain={[-120, -50]}
        format={(value) => `${value}\u00a0dBm`}
        {...axis}
        height={160}
      />
      <TimeChart
        label="Battery"
        kind="line"
        series={[{ id: 'battery', label: 'Battery', color: 'var(--chart-up)' }]}
        points={battery}
        domain={[0, 100]}
        format={(value) => `${value}\u00a0%`}
        {...axis}
        height={160}
      />
    </>
  );
}

function networkStates(samples: readonly DeviceSampleView[] | undefined): Series[] {
  const met = new Set(samples?.map(({ networkType }) => networkType ?? 'none'));
  return [...met].toSorted().map((id, at) => ({
    ...{ id, label: id === 'none' ? 'No network' : id },
    color: id === 'none' ? 'var(--grey)' : (NETWORK_COLORS[at % NETWORK_COLORS.length] ?? 'var(--grey)'),
  }));
}

/** The range ends at the next full hour, and nothing is known of what is to come. */
function edges({ from, to }: Range) {
  return { from: Date.parse(from), to: Math.min(Date.parse(to), Date.now()), formatTime: localTime };
}
