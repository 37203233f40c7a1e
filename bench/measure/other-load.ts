import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cpuSecondsOfTree } from './process-usage.ts';

/** Clock ticks a second in /proc. */
const TICKS_PER_SECOND = 100;

/**
 * Begins to watch what programs that are not ours take of the machine. Answers a function that says their share since
 * then, 0 to 1: figures of a round in which it is large say little.
 */
export function watchOtherLoad(): () => number {
  const startedAt = performance.now();
  const [busy, own] = [busySeconds(), cpuSecondsOfTree(process.pid)];
  return () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const others = busySeconds() - busy - (cpuSecondsOfTree(process.pid) - own);
    return Math.max(0, others / seconds / availableParallelism());
  };
}

/** Of all cores together, since the start of the machine. The fields are those of proc_stat(5). */
function busySeconds(): number {
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'latin1')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const ticks = [user, nice, system, irq, softirq, steal].reduce<number>((sum, of) => sum + (of ?? 0), 0);
  return ticks / TICKS_PER_SECOND;
}
