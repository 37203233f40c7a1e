import { type Contender, takeSample } from '../measure/sample.ts';
import { spreadOf } from '../measure/statistics.ts';
import { difference, type PerSide, residentBytes } from '../peers/peer.ts';
import type { Figure } from '../report/figure.ts';
import type { Bench } from './bench.ts';

const KILOBYTE = 1_000;
const AT_MOST_KB = 25;

/**
 * Resident memory that flows cost which are open and do nothing. Measured once, on the first flows of a fresh process:
 * later ones would find memory that earlier ones left behind.
 */
export async function measureIdleMemory(bench: Bench): Promise<Figure> {
  const { ours, peer } = bench;
  const mine = await perFlow(bench, ours.socks5);
  const theirs = peer && (await perFlow(bench, peer.socks5));
  return {
    id: 'idle-memory',
    title: 'relay memory per idle flow',
    unit: 'KB',
    costUnit: null,
    ours: { name: ours.socks5.peer!.name, value: spreadOf([mine.relay]), cpu: null },
    peer: peer && theirs && { name: peer.socks5.peer!.name, value: spreadOf([theirs.relay]), cpu: null },
    ratio: theirs && spreadOf([mine.relay / theirs.relay]),
    relayCpuRatio: null,
    target: { text: `<= ${AT_MOST_KB} KB`, limit: AT_MOST_KB, met: mine.relay <= AT_MOST_KB },
    direct: null,
  };
}

async function perFlow({ load, effort }: Bench, contender: Contender): Promise<PerSide> {
  const before = residentBytes(contender.peer!);
  await takeSample(load, { kind: 'hold', flows: effort.idleFlows }, contender);
  const grown = difference(residentBytes(contender.peer!), before);
  const per = effort.idleFlows * KILOBYTE;
  return { relay: grown.relay / per, agent: grown.agent / per };
}
