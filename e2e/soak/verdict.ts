import type { UsageVerdict } from '../load/check-usage.ts';
import type { WeatherCounts } from '../load/weather.ts';
import type { Checkpoint, Sample } from './sample.ts';

const MB = 1024 * 1024;
/** Requirement: after the warm-up. */
const HEAP_MB_PER_HOUR = 1;
const DESCRIPTORS = 5;
/** From this span between the first and the last checkpoint on, growth by the hour can be told from noise. */
const HOURLY_FROM_SECONDS = 20 * 60;
/** In a shorter run the heap of an idle server differs by some 100 KB without a reason; a leak is found by the flow. */
const HEAP_BYTES_PER_FLOW = 150;

/** What a soak came to. */
export interface Verdict {
  readonly passed: boolean;
  /** What is not as it should be, in words. */
  readonly problems: readonly string[];
  readonly flows: number;
  readonly explainedFailures: number;
  readonly unexplainedFailures: number;
  /** Between idle states, from the end of the warm-up to the end. */
  readonly spanSeconds: number;
  readonly heapGrowthMbPerHour: number;
  readonly heapGrowthBytesPerFlow: number;
  /** Not in the growth of the heap: what V8 has compiled meanwhile. */
  readonly codeGrowthMbPerHour: number;
  /** Slope of the heap under load, of the second half: for comparison, since open flows are in it. */
  readonly loadedHeapMbPerHour: number | null;
  readonly descriptorGrowth: number;
  readonly residentGrowthMb: number;
  /** The worst interval after the warm-up. */
  readonly worstLoopP99Ms: number;
  readonly worstP95Ms: number;
  readonly weather: WeatherCounts;
  readonly usage: UsageVerdict;
}

export interface VerdictInput {
  readonly samples: readonly Sample[];
  /** At least two: the first after the warm-up, the last at the end. */
  readonly checkpoints: readonly Checkpoint[];
  readonly totals: {
    readonly started: number;
    readonly explained: number;
    readonly unexplained: number;
  };
  readonly weather: WeatherCounts;
  readonly usage: UsageVerdict;
}

/** Judges a soak by reliability requirement 24. */
export function judge({ samples, checkpoints, totals, weather, usage }: VerdictInput): Verdict {
  const [first, last] = [checkpoints[0]!, checkpoints.at(-1)!];
  const soaked = samples.filter(({ phase }) => phase === 'soak');
  const spanSeconds = last.at - first.at;
  const codeGrowth = last.code - first.code;
  const growth = last.heap - first.heap - codeGrowth;
  const mbPerHour = (bytes: number) => ((bytes / MB) * 3600) / spanSeconds;
  const verdict = {
    flows: totals.started,
    explainedFailures: totals.explained,
    unexplainedFailures: totals.unexplained,
    spanSeconds,
    heapGrowthMbPerHour: mbPerHour(growth),
    heapGrowthBytesPerFlow: growth / Math.max(1, last.flows - first.flows),
    codeGrowthMbPerHour: mbPerHour(codeGrowth),
    loadedHeapMbPerHour: slopePerHour(soaked.slice(Math.floor(soaked.length / 2))),
    descriptorGrowth: last.descriptors - first.descriptors,
    residentGrowthMb: (last.resident - first.resident) / MB,
    worstLoopP99Ms: Math.max(0, ...soaked.map(({ server }) => server.loopP99Ms)),
    worstP95Ms: Math.max(0, ...soaked.map(({ p95Ms }) => p95Ms ?? 0)),
    weather,
    usage,
  };
  const problems = problemsOf(verdict);
  return { passed: problems.length === 0, problems, ...verdict };
}

function problemsOf(verdict: Omit<Verdict, 'passed' | 'problems'>): string[] {
  const problems = [...verdict.usage.wrong];
  const { unexplainedFailures, descriptorGrowth, spanSeconds } = verdict;
  if (unexplainedFailures > 0) problems.push(`${unexplainedFailures} failures that nothing explains`);
  if (Math.abs(descriptorGrowth) > DESCRIPTORS) {
    problems.push(`${descriptorGrowth} descriptors more than after the warm-up (limit ${DESCRIPTORS})`);
  }
  const hourly = verdict.heapGrowthMbPerHour;
  if (spanSeconds >= HOURLY_FROM_SECONDS && hourly > HEAP_MB_PER_HOUR) {
    problems.push(`the heap grows by ${hourly.toFixed(2)} MB an hour (limit ${HEAP_MB_PER_HOUR})`);
  }
  const perFlow = verdict.heapGrowthBytesPerFlow;
  if (spanSeconds < HOURLY_FROM_SECONDS && perFlow > HEAP_BYTES_PER_FLOW) {
    problems.push(`the heap grows by ${perFlow.toFixed(0)} bytes a flow (limit ${HEAP_BYTES_PER_FLOW})`);
  }
  return problems;
}

/** The median of the slopes between all pairs (Theil-Sen): one odd sample changes nothing. */
function slopePerHour(samples: readonly Sample[]): number | null {
  const slopes = samples.flatMap((later, index) =>
    samples
      .slice(0, index)
      .map((earlier) => (later.server.heap - earlier.server.heap) / (later.at - earlier.at)),
  );
  const median = slopes.toSorted((a, b) => a - b)[Math.floor(slopes.length / 2)];
  return median === undefined ? null : (median * 3600) / MB;
}
