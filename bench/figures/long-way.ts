import { join } from 'node:path';
import { Child } from '../../e2e/harness/child.ts';
import { interleave } from '../measure/rounds.ts';
import { type Contender, medianCpu, takeSample } from '../measure/sample.ts';
import { pairedRatios, spreadOf } from '../measure/statistics.ts';
import type { PocketProxy } from '../peers/pocketproxy.ts';
import type { Figure } from '../report/figure.ts';
import type { Bench } from './bench.ts';

const DELAY_LINE = join(import.meta.dirname, '../../e2e/delay-line/main.ts');
const ONE_WAY_MS = 50;
const MEGABIT_BYTES = 125_000;
const GIGABYTE = 1e9;
const AT_LEAST = 0.8;

/**
 * One download with 100 ms between relay and phone, against the same delay line between client and origin. The line ends
 * TCP on both sides, so that only ours has windows to widen: the start counts against us.
 */
export async function measureLongWay(bench: Bench, pocketProxy: PocketProxy): Promise<Figure> {
  const { load, effort } = bench;
  const lines: Child[] = [];
  try {
    const bare = await startLine(load.originPort, lines);
    const far = await pocketProxy.addPhone('Far phone', (relayPort) => startLine(relayPort, lines));
    const ours: Contender = { peer: far, route: far.route('socks5') };
    const direct: Contender = { peer: null, route: { via: 'direct', port: bare } };
    const plan = { kind: 'bulk', direction: 'down', flows: 1, bytesPerFlow: effort.longWayBytes } as const;
    // Each takes seconds, and the line, not the machine, sets the pace: few rounds tell enough.
    const rounds = Math.min(3, effort.rounds);
    const [mine, theirs] = await interleave(
      rounds,
      [ours, direct].map((way) => () => takeSample(load, plan, way)),
    );
    const rates = (samples: typeof mine): number[] =>
      samples!.map(({ perSecond }) => perSecond / MEGABIT_BYTES);
    const ratio = pairedRatios(rates(mine), rates(theirs));
    return {
      id: 'long-way',
      title: 'bulk, 1 flow, 100 ms round trip, download',
      unit: 'Mbit/s',
      costUnit: 'GB',
      ours: { name: pocketProxy.name, value: spreadOf(rates(mine)), cpu: medianCpu(mine!, GIGABYTE) },
      peer: { name: 'delay line alone', value: spreadOf(rates(theirs)), cpu: null },
      ratio,
      relayCpuRatio: null,
      target: { text: `>= ${AT_LEAST}x`, ofPeer: AT_LEAST, met: ratio.median >= AT_LEAST },
      direct: null,
    };
  } finally {
    await Promise.all(lines.map((line) => line.kill()));
  }
}

/** Answers the port of a new delay line that leads to `port`. */
async function startLine(port: number, lines: Child[]): Promise<number> {
  const argv = [process.execPath, DELAY_LINE, '127.0.0.1', String(port), String(ONE_WAY_MS)];
  const line = new Child(argv, { name: 'delay line' });
  lines.push(line);
  return Number((await line.log.waitFor(/^listening (\d+)$/))[1]);
}
