import type { Job, Route } from '../load/jobs.ts';
import type { LoadGenerator } from '../load/load-generator.ts';
import { cpuSeconds, difference, type Peer, type PerSide } from '../peers/peer.ts';
import { median } from './statistics.ts';

const JOB_LIMIT_MS = 60_000;
const NOTHING: PerSide = { relay: 0, agent: 0 };

/** What one job through one peer came to. */
export interface Sample {
  readonly perSecond: number;
  /** CPU seconds per unit. */
  readonly cpu: PerSide;
  readonly latenciesMs: readonly number[];
}

/** A peer together with the way through it. */
export interface Contender {
  /** `null` when there is nobody in between. */
  readonly peer: Peer | null;
  readonly route: Route;
}

/** A job without its route: what all contenders of a figure do. */
export type JobPlan = DistributiveOmit<Job, 'route' | 'originHost' | 'originPort'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Runs a job through a contender, and counts what its processes spend meanwhile. */
export async function takeSample(load: LoadGenerator, plan: JobPlan, contender: Contender): Promise<Sample> {
  const { peer, route } = contender;
  const before = peer ? cpuSeconds(peer) : NOTHING;
  const { originHost, originPort } = load;
  const job: Job = { ...plan, route, originHost, originPort };
  const { perSecond, units, latenciesMs } = await load.run(job, JOB_LIMIT_MS);
  const spent = difference(peer ? cpuSeconds(peer) : NOTHING, before);
  return { perSecond, latenciesMs, cpu: { relay: spent.relay / units, agent: spent.agent / units } };
}

/** CPU seconds per `units` units: the median of the samples for each side. */
export function medianCpu(samples: readonly Sample[], units: number): PerSide {
  return {
    relay: median(samples.map(({ cpu }) => cpu.relay)) * units,
    agent: median(samples.map(({ cpu }) => cpu.agent)) * units,
  };
}
