import { interleave } from '../measure/rounds.ts';
import { type Contender, type Sample, takeSample } from '../measure/sample.ts';
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
    ...figures(
      'SOCKS5',
      { way: ours.socks5, samples: socks5! },
      peer && { way: peer.socks5, samples: peerSocks5! },
      bare!,
    ),
    ...figures(
      'HTTP CONNECT',
      { way: ours.http, samples: http! },
      peer && { way: peer.http, samples: peerHttp! },
      bare!,
    ),
  ];
}

interface Timed {
  readonly way: Contender;
  readonly samples: readonly Sample[];
}

function figures(protocol: string, ours: Timed, peer: Timed | null, bare: readonly Sample[]): Figure[] {
  return SHARES.map(({ name, share, limitMs }) => {
    const added = ours.samples.map((sample, round) => addedAt(share, sample, bare[round]!));
    const addedByPeer = peer?.samples.map((sample, round) => addedAt(share, sample, bare[round]!));
    const value = withPooled(added, share, ours.samples, bare);
    return {
      id: `first-byte-${protocol.toLowerCase().replace(' ', '-')}-${name}`,
      title: `added time to first byte, ${protocol}, idle, ${name}`,
      unit: 'ms',
      costUnit: null,
      ours: { name: ours.way.peer!.name, value, cpu: null },
      peer:
        peer && addedByPeer
          ? {
              name: peer.way.peer!.name,
              value: withPooled(addedByPeer, share, peer.samples, bare),
              cpu: null,
            }
          : null,
      ratio: addedByPeer ? pairedRatios(added, addedByPeer) : null,
      relayCpuRatio: null,
      target: { text: `< ${limitMs} ms`, met: value.median < limitMs },
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
