/**
 * Hours of customers' lives in one go: see USAGE in options.ts, and docs/operations.md. Writes one line of JSON per interval
 * to samples.jsonl, at the end verdict.json and a picture. Exit code 0 when the verdict is good.
 */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetPlan } from '../load/load-system.ts';
import { findLimit } from './find-limit.ts';
import { readOptions, type SoakOptions, USAGE } from './options.ts';
import { drawPicture } from './picture.ts';
import type { Checkpoint, Sample } from './sample.ts';
import { Soak } from './soak.ts';

const MB = 1024 * 1024;
const LIMIT_SHARE = 0.7;
/** Of the whole time: caches fill and code is compiled meanwhile. In 12 minutes with a shorter one the heap settled after 8 only. */
const WARM_UP_SHARE = 0.3;
/** Idle states are compared; how many of them after the first. */
const PARTS = 3;

if (process.argv.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}
process.exitCode = (await main(readOptions(process.argv.slice(2)))) ? 0 : 1;

async function main(options: SoakOptions): Promise<boolean> {
  const { out, phones } = options;
  await mkdir(out, { recursive: true });
  const samples: Sample[] = [];
  const checkpoints: Checkpoint[] = [];
  const lines = join(out, 'samples.jsonl');
  await writeFile(lines, '');
  const write = (value: object): void => void appendFile(lines, `${JSON.stringify(value)}\n`);
  say(`starting ${phones} phones`);
  const soak = await Soak.start({
    fleet: fleetOf(phones),
    weather: { gatePeriodMs: 60_000, killPeriodMs: 45_000, silenceMs: { min: 5_000, max: 35_000 } },
    intervalMs: options.intervalSeconds * 1_000,
    seed: options.seed,
    onSample: (sample) => {
      samples.push(sample);
      write({ type: 'sample', ...sample });
      say(describe(sample));
    },
    onCheckpoint: (checkpoint) => {
      checkpoints.push(checkpoint);
      write({ type: 'checkpoint', ...checkpoint });
      const { heap, code, descriptors } = checkpoint;
      say(`idle: heap ${mb(heap)} MB, of that ${mb(code)} MB code, ${descriptors} descriptors`);
    },
    onUnexplained: (what) => {
      write({ type: 'unexplained', at: new Date().toISOString(), what });
      say(`NOT EXPLAINED: ${what}`);
    },
  });
  try {
    return await runAll(soak, options, { samples, checkpoints });
  } finally {
    await soak.destroy();
  }
}

async function runAll(
  soak: Soak,
  { minutes, findLimit: onlyLimit, flowsPerSecond, out, phones }: SoakOptions,
  {
    samples,
    checkpoints,
  }: { readonly samples: readonly Sample[]; readonly checkpoints: readonly Checkpoint[] },
): Promise<boolean> {
  let rate = flowsPerSecond === 'auto' ? 0 : flowsPerSecond;
  if (onlyLimit || flowsPerSecond === 'auto') {
    const limit = await findLimit(soak, (trial) => say(JSON.stringify(trial)));
    say(`the limit of this machine is ${limit.toFixed(0)} new flows/s`);
    await writeFile(join(out, 'limit.json'), `${JSON.stringify({ flowsPerSecond: limit })}\n`);
    rate = limit * LIMIT_SHARE;
    // Failures beyond the limit are what it was looked for with.
    Object.assign(soak.outcomes.total, { unexplained: 0 });
    if (onlyLimit) return true;
  }
  const warmUpMs = minutes * 60_000 * WARM_UP_SHARE;
  await soak.run('warm-up', rate, warmUpMs);
  for (let part = 0; part < PARTS; part += 1) {
    await soak.run('soak', rate, (minutes * 60_000 - warmUpMs) / PARTS);
  }
  const verdict = await soak.verdict();
  await writeFile(join(out, 'verdict.json'), `${JSON.stringify({ phones, rate, ...verdict }, null, 2)}\n`);
  await writeFile(
    join(out, 'soak.svg'),
    picture(samples, checkpoints, `${phones} phones, ${rate.toFixed(0)} new flows/s`),
  );
  say(JSON.stringify(verdict, null, 2));
  return verdict.passed;
}

/** A seventh of the phones flaps by itself, some more all together. */
function fleetOf(phones: number): FleetPlan {
  const gated = Math.round(phones * 0.15);
  const killed = Math.min(10, Math.round(phones * 0.05));
  return { steady: Math.max(1, phones - gated - killed), gated, killed };
}

function picture(samples: readonly Sample[], checkpoints: readonly Checkpoint[], heading: string): string {
  const over = (value: (sample: Sample) => number) =>
    samples.map((sample) => [sample.at, value(sample)] as const);
  const failures = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  return drawPicture(
    heading,
    [
      {
        title: 'Heap of the server after a collection',
        unit: 'MB',
        points: over(({ server }) => server.heap / MB),
      },
      {
        title: 'Heap when nobody uses it',
        unit: 'MB',
        points: checkpoints.map(({ at, heap }) => [at, heap / MB] as const),
      },
      {
        title: 'The same without compiled code',
        unit: 'MB',
        points: checkpoints.map(({ at, heap, code }) => [at, (heap - code) / MB] as const),
      },
      {
        title: 'Resident memory of the server',
        unit: 'MB',
        points: over(({ server }) => server.resident / MB),
      },
      {
        title: 'Descriptors of the server',
        unit: 'number',
        points: over(({ server }) => server.descriptors),
      },
      { title: 'Open flows', unit: 'number', points: over(({ server }) => server.flowsOpen) },
      {
        title: 'Event-loop delay of the server, p99',
        unit: 'ms',
        points: over(({ server }) => server.loopP99Ms),
      },
      { title: 'New flows', unit: 'a second', points: over(({ flowsPerSecond }) => flowsPerSecond) },
      { title: 'Quick flows, p95', unit: 'ms', points: over(({ p95Ms }) => p95Ms ?? 0) },
      {
        title: 'Failures that flapping explains',
        unit: 'in an interval',
        points: over((one) => failures(one.explained)),
      },
      {
        title: 'Failures that nothing explains',
        unit: 'in an interval',
        points: over((one) => failures(one.unexplained)),
      },
    ],
    checkpoints.map(({ at }) => [at, 'idle'] as const),
  );
}

function describe({
  phase,
  flowsPerSecond,
  done,
  p95Ms,
  explained,
  unexplained,
  server,
  weather,
}: Sample): string {
  return [
    `${phase}: ${flowsPerSecond.toFixed(0)} flows/s, ${done} done, p95 ${p95Ms?.toFixed(0) ?? '-'} ms`,
    `${server.flowsOpen} open, heap ${mb(server.heap)}, rss ${mb(server.resident)} MB, ${server.descriptors} fds`,
    `loop p99 ${server.loopP99Ms.toFixed(0)} ms, cpu ${server.cpu.toFixed(2)}, ${server.devices} phones`,
    `explained ${JSON.stringify(explained)}, unexplained ${JSON.stringify(unexplained)}`,
    `weather ${JSON.stringify(weather)}`,
  ].join('; ');
}

function mb(bytes: number): string {
  return (bytes / MB).toFixed(1);
}

function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}
