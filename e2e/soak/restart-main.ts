/**
 * Restarts a server with a crowd of phones, in order and by kill -9:
 * `node e2e/soak/restart-main.ts --phones 2500 --flows-per-second 20 --out restart-results`.
 * Writes restarts.json and a picture of each. Exit code 0 when ports were back within 5 s, all phones within a minute, and
 * no flow over a phone that was back failed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { residentBytes } from '../harness/process-facts.ts';
import { CrowdRestart, type RestartReport } from './crowd-restart.ts';
import { drawPicture } from './picture.ts';

const LISTENING_MS = 5_000;
const BACK_MS = 60_000;
const WATCH_MS = 180_000;
const CUSTOMERS = 200;
const PHONES_PER_PROCESS = 500;
const MB = 1024 * 1024;

const { values } = parseArgs({
  options: {
    phones: { type: 'string', default: '2500' },
    'flows-per-second': { type: 'string', default: '20' },
    out: { type: 'string', default: 'restart-results' },
  },
});
const [phones, rate] = [Number(values.phones), Number(values['flows-per-second'])];
if (!(phones > 0 && rate > 0))
  throw new RangeError('--phones and --flows-per-second: expected numbers above 0');
await mkdir(values.out, { recursive: true });

console.log(`starting ${phones} phones`);
const crowd = await CrowdRestart.start({
  fleet: { steady: phones, gated: 0, killed: 0 },
  customers: CUSTOMERS,
  phonesPerProcess: PHONES_PER_PROCESS,
});
const reports: RestartReport[] = [];
try {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const report = await crowd.restart(signal, rate, WATCH_MS);
    reports.push(report);
    for (const second of report.seconds) console.log(JSON.stringify(second));
    const { seconds: _, ...summary } = report;
    const rss = await residentBytes(crowd.system.server.child.pid);
    console.log(JSON.stringify({ ...summary, serverMb: Math.round(rss / MB) }));
    await writeFile(join(values.out, `restart-${signal.toLowerCase()}.svg`), picture(report));
  }
} finally {
  await crowd.destroy();
}
await writeFile(join(values.out, 'restarts.json'), `${JSON.stringify(reports, null, 2)}\n`);
process.exitCode = reports.every(isGood) ? 0 : 1;

function isGood({ listeningMs, backMs, unexplained }: RestartReport): boolean {
  const listening = Math.max(...Object.values(listeningMs)) <= LISTENING_MS;
  return listening && (backMs.all ?? Number.POSITIVE_INFINITY) <= BACK_MS && unexplained === 0;
}

function picture({ signal, seconds, arrivalsPerSecond }: RestartReport): string {
  const over = (value: (second: RestartReport['seconds'][number]) => number) =>
    seconds.map((second) => [second.at, value(second)] as const);
  return drawPicture(`Restart by ${signal} with ${phones} phones, ${rate} new flows/s`, [
    {
      title: 'Phones that came',
      unit: 'a second',
      points: arrivalsPerSecond.map((count, second) => [second, count] as const),
    },
    { title: 'Phones that are back', unit: 'number', points: over(({ phonesBack }) => phonesBack) },
    { title: 'Event-loop delay, longest', unit: 'ms', points: over(({ loopMaxMs }) => loopMaxMs) },
    { title: 'Quick flows, p95', unit: 'ms', points: over(({ p95Ms }) => p95Ms ?? 0) },
  ]);
}
