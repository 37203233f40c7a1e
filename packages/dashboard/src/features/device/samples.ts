import type { DeviceSampleView } from '@pocketproxy/protocol/api';
import type { ChartPoint } from '#components/charts/series.ts';
import type { TimelineSegment } from '#components/charts/timeline.tsx';

/** There is a sample of each five minutes while a phone is online. */
const STEP_MS = 5 * 60_000;
/** More than one step is missing: the phone was away. */
const GAP_MS = 2 * STEP_MS;

/** One value of each sample, with a gap wherever the phone was away. */
export function samplePoints(
  samples: readonly DeviceSampleView[],
  id: string,
  pick: (sample: DeviceSampleView) => number | null,
): ChartPoint[] {
  return samples.flatMap((sample, index) => {
    const at = Date.parse(sample.at);
    const before = samples[index - 1];
    const point = { at, values: { [id]: pick(sample) } };
    if (before === undefined || at - Date.parse(before.at) < GAP_MS) return [point];
    return [{ at: Date.parse(before.at) + STEP_MS, values: { [id]: null } }, point];
  });
}

/** During which times the phone was in which network; times in which it was away are left out. */
export function networkSegments(samples: readonly DeviceSampleView[]): TimelineSegment[] {
  const segments: TimelineSegment[] = [];
  for (const { at, networkType } of samples) {
    const from = Date.parse(at);
    const last = segments.at(-1);
    const state = networkType ?? 'none';
    const joins = last !== undefined && from - last.to < STEP_MS;
    if (joins && last.state === state) segments.splice(-1, 1, { ...last, to: from + STEP_MS });
    else segments.push({ state, from, to: from + STEP_MS });
  }
  return segments;
}
