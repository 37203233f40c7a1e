import { interleave } from '../measure/rounds.ts';
import { type Sample, takeSample } from '../measure/sample.ts';
import { pairedRatios, percentile, type Spread, spreadOf } from '../measure/statistics.ts';
import type { Figure } from '../report/figure.ts';
import type { Bench } from './bench.ts';

/** Between two flows, so that each meets an idle system. */
const PAUSE_MS = 4;

const SHARES = [
  { name: 'p50', share: 0.5, limitMs: 1.5 },
  { name: 'p99', share: 0.99, limitMs: 5 },
] as const;

/** How much later than without us the first byte of an answer comes: a whole new flow, from connect to that byte. */
export async function measureFirstByte(bench: Bench): Promise<Figure[]> {
  const { load, effort, ours, peer, direct } = bench;
  const ways = [direct, ours.socks5, ours.http, ...(peer ? [peer.socks5, peer.http] : [])];
  const plan = { kind: 'first-byte', flows: effort.firstByteFlows, pauseMs: PAUSE_MS } as const;
  const samples = await interleave(
    effort.rounds,
    ways.map((way) => () => takeSample(load, plan, way)),
  );
  const [bare, socks5, http, peerSocks5, peerHttp] = samples;
  return [
    ...addedFigures({
      ...kind('SOCKS5'),
      ours: { name: ours.socks5.peer!.name, samples: socks5! },
      peer: peer && { name: peer.socks5.peer!.name, samples: peerSocks5! },
      bare: bare!,
    }),
    ...addedFigures({
      ...kind('HTTP CONNECT'),
      ours: { name: ours.http.peer!.name, samples: http! },
      peer: peer && { name: peer.http.peer!.name, samples: peerHttp! },
      bare: bare!,
    }),
  ];
}

function kind(protocol: string): Pick<AddedTimes, 'id' | 'title'> {
  return {
    id: `first-byte-${protocol.toLowerCase().replace(' ', '-')}`,
    title: `added time to first byte, ${protocol}, idle`,
  };
}

interface Timed {
  readonly name: string;
  readonly samples: readonly Sample[];
}

export interface AddedTimes {
  /** Of the figures, before `-p50` and `-p99`. */
  readonly id: string;
  readonly title: string;
  readonly ours: Timed;
  readonly peer: Timed | null;
  /** Without anything in between. */
  readonly bare: readonly Sample[];
}

/** What is between client and origin adds to the time until the first byte, round by round: the middle and the worst. */
export function addedFigures({ id, title, ours, peer, bare }: AddedTimes): Figure[] {
  return SHARES.map(({ name, share, limitMs }) => {
    const added = ours.samples.map((sample, round) => addedAt(share, sample, bare[round]!));
    const addedByPeer = peer?.samples.map((sample, round) => addedAt(share, sample, bare[round]!));
    const value = withPooled(added, share, ours.samples, bare);
    return {
      id: `${id}-${name}`,
      title: `${title}, ${name}`,
      unit: 'ms',
      costUnit: null,
      ours: { name: ours.name, value, cpu: null },
      peer:
        peer && addedByPeer
          ? { name: peer.name, value: withPooled(addedByPeer, share, peer.samples, bare), cpu: null }
          : null,
      ratio: addedByPeer ? pairedRatios(added, addedByPeer) : null,
      relayCpuRatio: null,
      target: { text: `< ${limitMs} ms`, limit: limitMs, met: value.median < limitMs },
      direct: spreadOf(bare.map(({ latenciesMs }) => percentile(latenciesMs, share))),
    };
  });
}

function addedAt(share: number, sample: Sample, bare: Sample): number {
  return percentile(sample.latenciesMs, share) - percentile(bare.latenciesMs, share);
}

/** A round alone has too few flows for a p99: the middle is taken of all rounds together, the ends are of single ones. */
function withPooled(
  added: readonly number[],
  share: number,
  samples: readonly Sample[],
  bare: readonly Sample[],
): Spread {
  const pooled = (list: readonly Sample[]): number =>
    percentile(
      list.flatMap(({ latenciesMs }) => latenciesMs),
      share,
    );
  return { ...spreadOf(added), median: pooled(samples) - pooled(bare) };
}
