import { join } from 'node:path';
import { Child } from '../../e2e/harness/child.ts';
import { interleave } from '../measure/rounds.ts';
import { type Contender, medianCpu, type Sample, takeSample } from '../measure/sample.ts';
import { pairedRatios, spreadOf } from '../measure/statistics.ts';
import type { PocketProxy } from '../peers/pocketproxy.ts';
import type { Figure } from '../report/figure.ts';
import type { Bench } from './bench.ts';

const DELAY_LINE = join(import.meta.dirname, '../../e2e/delay-line/main.ts');
const ONE_WAY_MS = 50;
const MEGABIT_BYTES = 125_000;
const GIGABYTE = 1e9;
const AT_LEAST = 0.8;
/** Each takes seconds, and the line, not the machine, sets the pace: few rounds tell enough. */
const ROUNDS_AT_MOST = 3;

/** What lies between relay and phone. */
export interface LongWay {
  readonly id: string;
  /** How wide the line is; as wide as the machine allows when `null`. */
  readonly megabits: number | null;
  /** How much of the bytes of a long way is sent: a narrow line needs less of them. */
  readonly share: number;
}

/** As much as two cores can do, and as much as phones have at most. */
export const LONG_WAYS: readonly LongWay[] = [
  { id: 'long-way', megabits: null, share: 1 },
  { id: 'long-way-500', megabits: 500, share: 0.4 },
];

/**
 * One download with 100 ms between relay and phone, against the same delay line between client and origin. The line ends
 * TCP on both sides, so that only ours has windows to widen: the start counts against us.
 */
export async function measureLongWay(bench: Bench, pocketProxy: PocketProxy, way: LongWay): Promise<Figure> {
  const { load, effort } = bench;
  const lines: Child[] = [];
  try {
    const bare = await startLine(load.originPort, way, lines);
    const far = await pocketProxy.addPhone(`Far phone, ${way.id}`, (port) => startLine(port, way, lines));
    const ours: Contender = { peer: far, route: far.route('socks5') };
    const direct: Contender = { peer: null, route: { via: 'direct', port: bare } };
    const bytesPerFlow = Math.trunc(effort.longWayBytes * way.share);
    const plan = { kind: 'bulk', direction: 'down', flows: 1, bytesPerFlow } as const;
    const [mine, theirs] = await interleave(
      Math.min(ROUNDS_AT_MOST, effort.rounds),
      [ours, direct].map((contender) => () => takeSample(load, plan, contender)),
    );
    return figureOf(way, pocketProxy.name, mine!, theirs!);
  } finally {
    await Promise.all(lines.map((line) => line.kill()));
  }
}

function figureOf(
  { id, megabits }: LongWay,
  name: string,
  mine: readonly Sample[],
  theirs: readonly Sample[],
): Figure {
  const rates = (samples: readonly Sample[]): number[] =>
    samples.map(({ perSecond }) => perSecond / MEGABIT_BYTES);
  const ratio = pairedRatios(rates(mine), rates(theirs));
  const width = megabits === null ? '' : ` of ${megabits} Mbit/s`;
  return {
    id,
    title: `bulk, 1 flow, 100 ms round trip${width}, download`,
    unit: 'Mbit/s',
    costUnit: 'GB',
    ours: { name, value: spreadOf(rates(mine)), cpu: medianCpu(mine, GIGABYTE) },
    peer: { name: 'delay line alone', value: spreadOf(rates(theirs)), cpu: null },
    ratio,
    relayCpuRatio: null,
    target: { text: `>= ${AT_LEAST}x`, ofPeer: AT_LEAST, met: ratio.median >= AT_LEAST },
    direct: null,
  };
}

/** Answers the port of a new delay line that leads to `port`. */
async function startLine(port: number, { megabits }: LongWay, lines: Child[]): Promise<number> {
  const width = megabits === null ? [] : ['0', String((megabits * MEGABIT_BYTES) / 1_000)];
  const argv = [process.execPath, DELAY_LINE, '127.0.0.1', String(port), String(ONE_WAY_MS), ...width];
  const line = new Child(argv, { name: 'delay line' });
  lines.push(line);
  return Number((await line.log.waitFor(/^listening (\d+)$/))[1]);
}
