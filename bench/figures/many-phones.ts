import { setTimeout as delay } from 'node:timers/promises';
import { cpuSecondsOf, residentBytesOf } from '../measure/process-usage.ts';
import { spreadOf } from '../measure/statistics.ts';
import { Crowd } from '../peers/crowd.ts';
import { PocketProxy } from '../peers/pocketproxy.ts';
import type { Figure } from '../report/figure.ts';
import type { Bench } from './bench.ts';
import { lonelyFigure } from './lonely-figure.ts';

const KILOBYTE = 1_000;
const MEGABYTE = 1_000_000;
const PHONE_AT_MOST_KB = 120;
const CORE_AT_MOST_PERCENT = 25;
const MEMORY_BELOW_MB = 1_000;

/** Of figures of this step. */
export const PHONES_IDS = ['phones-memory', 'phones-cpu', 'phones-relay-memory'] as const;

/**
 * What phones cost a relay that are online, report and carry nothing. The database is a process of its own and is not
 * counted. Agents share processes, each with its own tunnel. The relay is started again when all are paired: a phone is
 * paired once, and what a relay spent on thousands of pairings in a few minutes is not what they cost it online.
 */
export async function measureManyPhones({ effort, started }: Bench): Promise<Figure[]> {
  const system = await started.add(PocketProxy.start('PocketProxy'));
  const { server } = system;
  const before = residentBytesOf(server.child.pid);
  // Kept before it is paired: whoever stops the bench does not wait for that.
  const crowd = await started.add(Promise.resolve(new Crowd(server, effort.phones)));
  await crowd.pair();
  await server.end('SIGTERM');
  await crowd.absentDuring(() => server.launch());
  await crowd.online();
  const { pid } = server.child;
  const spentBefore = cpuSecondsOf(pid);
  const beganAt = performance.now();
  await delay(effort.phonesWatchedMs);
  const percent = ((cpuSecondsOf(pid) - spentBefore) / (performance.now() - beganAt)) * 1_000 * 100;
  const resident = residentBytesOf(pid);
  await started.stop(crowd);
  await started.stop(system);
  return figures(effort.phones, { percent, resident, grown: resident - before });
}

interface Seen {
  /** Of one core. */
  readonly percent: number;
  /** Bytes in all, and since before the first phone. */
  readonly resident: number;
  readonly grown: number;
}

function figures(phones: number, { percent, resident, grown }: Seen): Figure[] {
  const [perPhone, cpu, memory] = PHONES_IDS;
  const online = `${phones.toLocaleString('en')} phones online`;
  const kilobytes = grown / phones / KILOBYTE;
  const megabytes = resident / MEGABYTE;
  return [
    lonelyFigure({
      ...{ id: perPhone, title: 'relay memory per online phone', unit: 'KB', value: spreadOf([kilobytes]) },
      target: {
        text: `<= ${PHONE_AT_MOST_KB} KB`,
        limit: PHONE_AT_MOST_KB,
        met: kilobytes <= PHONE_AT_MOST_KB,
      },
    }),
    lonelyFigure({
      ...{ id: cpu, title: `${online}, relay's CPU`, unit: '% of a core', value: spreadOf([percent]) },
      target: {
        text: `< ${CORE_AT_MOST_PERCENT} %`,
        limit: CORE_AT_MOST_PERCENT,
        met: percent < CORE_AT_MOST_PERCENT,
      },
    }),
    lonelyFigure({
      ...{ id: memory, title: `${online}, relay's memory`, unit: 'MB', value: spreadOf([megabytes]) },
      target: { text: `< ${MEMORY_BELOW_MB} MB`, limit: MEMORY_BELOW_MB, met: megabytes < MEMORY_BELOW_MB },
    }),
  ];
}
