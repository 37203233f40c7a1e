import { interleave } from '../measure/rounds.ts';
import { type Contender, type JobPlan, medianCpu, type Sample, takeSample } from '../measure/sample.ts';
import { pairedRatios, spreadOf } from '../measure/statistics.ts';
import type { Figure, Outcome, Target } from '../report/figure.ts';
import type { Bench } from './bench.ts';

/** Something that is done so often a second. */
export interface RatePlan {
  readonly job: JobPlan;
  readonly unit: string;
  /** Counted units that make one of `unit`, such as a million bytes. */
  readonly unitSize: number;
  readonly costUnit: string;
  readonly costUnitSize: number;
  /** One figure for each way into the proxy port. */
  readonly lines: readonly RateLine[];
}

export interface RateLine {
  readonly id: string;
  readonly title: string;
  readonly via: 'socks5' | 'http';
  readonly atLeast: number;
  /** The relay's CPU seconds per unit, by the peer's, where that is asked for. */
  readonly relayCpuAtMost?: number;
}

/** Measures every line of a plan, the peer and the bare origin in the same rounds. */
export async function measureRates(bench: Bench, plan: RatePlan): Promise<Figure[]> {
  const { load, effort, ours, peer, direct } = bench;
  const contenders: Contender[] = [direct];
  const take = (contender: Contender): number => {
    const known = contenders.indexOf(contender);
    return known === -1 ? contenders.push(contender) - 1 : known;
  };
  const places = plan.lines.map(({ via }) => ({
    ours: take(ours[via]),
    peer: peer === null ? -1 : take(peer[via]),
  }));
  const samples = await interleave(
    effort.rounds,
    contenders.map((contender) => () => takeSample(load, plan.job, contender)),
  );
  return plan.lines.map((line, index) => {
    const place = places[index]!;
    return compare(plan, line, {
      ours: { name: nameOf(contenders[place.ours]!), samples: samples[place.ours]! },
      peer:
        place.peer === -1 ? null : { name: nameOf(contenders[place.peer]!), samples: samples[place.peer]! },
      direct: samples[0]!,
    });
  });
}

interface Measured {
  readonly name: string;
  readonly samples: readonly Sample[];
}

function compare(
  plan: RatePlan,
  line: RateLine,
  { ours, peer, direct }: { ours: Measured; peer: Measured | null; direct: readonly Sample[] },
): Figure {
  const rates = (samples: readonly Sample[]): number[] =>
    samples.map(({ perSecond }) => perSecond / plan.unitSize);
  const relayCosts = (samples: readonly Sample[]): number[] => samples.map(({ cpu }) => cpu.relay);
  const outcome = ({ name, samples }: Measured): Outcome => ({
    name,
    value: spreadOf(rates(samples)),
    cpu: medianCpu(samples, plan.costUnitSize),
  });
  const ratio = peer && pairedRatios(rates(ours.samples), rates(peer.samples));
  const relayCpuRatio = peer && pairedRatios(relayCosts(ours.samples), relayCosts(peer.samples));
  return {
    id: line.id,
    title: line.title,
    unit: plan.unit,
    costUnit: plan.costUnit,
    ours: outcome(ours),
    peer: peer && outcome(peer),
    ratio,
    relayCpuRatio,
    target: targetOf(line, ratio?.median ?? null, relayCpuRatio?.median ?? null),
    direct: spreadOf(rates(direct)),
  };
}

function targetOf(line: RateLine, ratio: number | null, relayCpu: number | null): Target {
  const { atLeast, relayCpuAtMost = Number.POSITIVE_INFINITY } = line;
  const text = `>= ${atLeast.toFixed(1)}x`;
  const met = ratio === null || relayCpu === null ? null : ratio >= atLeast && relayCpu <= relayCpuAtMost;
  return {
    text: Number.isFinite(relayCpuAtMost) ? `${text}, relay CPU <= ${relayCpuAtMost.toFixed(1)}x` : text,
    ofPeer: atLeast,
    met,
  };
}

function nameOf({ peer }: Contender): string {
  return peer?.name ?? 'direct';
}
