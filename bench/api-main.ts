/**
 * `node bench/api-main.ts`: how fast the API answers with 2,500 devices, 10,000 connections and 90 days of usage in the
 * database. Prints tables, writes `api-results.json`.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiCaller } from './api/caller.ts';
import { API_CALLS, type Subjects } from './api/calls.ts';
import { explainCalls } from './api/explain.ts';
import { fillDatabase } from './api/fill.ts';
import { atRate, type Latencies, type LatencyRun, oneByOne } from './api/latencies.ts';
import { measureLive } from './api/live.ts';
import { API_USAGE, type ApiBenchOptions, readApiOptions } from './api/options.ts';
import { duringRelayWrites } from './api/relay-writes.ts';
import { type ApiResults, figureOf, renderApi, writeApiResults } from './api/report.ts';
import { ApiSystem } from './api/system.ts';
import { measureWork } from './api/write-costs.ts';
import { watchOtherLoad } from './measure/other-load.ts';
import { spreadOf } from './measure/statistics.ts';
import { machineFacts } from './report/machine.ts';

const CALLS_PER_SECOND = 200;
const STARTS = 3;
const LIVE_SECONDS = 15;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function run(system: ApiSystem, options: ApiBenchOptions): Promise<void> {
  const machine = machineFacts(null);
  await fillDatabase(system.sql, options.size, say);
  const subjects = await loadSubjects(system);
  if (options.explain) {
    for (const { id, plans } of await explainCalls(system.databaseAddress, subjects)) {
      say(`\n## ${id}\n${plans.join('\n')}`);
    }
    return;
  }
  const startMs = await measureStarts(system, options);
  const calls = API_CALLS.filter(({ id }) => isAsked(id, options.only));
  const key = await system.createApiKey();
  const caller = new ApiCaller(system.url);
  const rounds: { alone: Latencies; mixed: Latencies }[] = [];
  const otherLoad: number[] = [];
  const writes = { telemetryMs: [] as number[], usageMs: [] as number[] };
  for (let round = 0; round <= options.rounds; round++) {
    // A session's token and a key in turn, as a dashboard and scripts use it.
    const measured: LatencyRun = { caller, calls, subjects, tokens: [await system.login(), key] };
    const alone = await oneByOne(measured, options.calls);
    const others = watchOtherLoad();
    let mixed: Latencies = new Map();
    const took = await duringRelayWrites(system.databaseAddress, subjects.devices, async () => {
      mixed = await atRate(measured, CALLS_PER_SECOND, options.mixedSeconds);
    });
    const share = others();
    say(
      `round ${round}: p99 ${ms(alone)} ms alone, ${ms(mixed)} ms mixed; other programs took ` +
        `${Math.round(share * 100)} % of the machine`,
    );
    if (round === 0) continue;
    otherLoad.push(share);
    rounds.push({ alone, mixed });
    writes.telemetryMs.push(...took.telemetryMs);
    writes.usageMs.push(...took.usageMs);
  }
  caller.close();
  const results: ApiResults = {
    ...{
      at: new Date().toISOString(),
      machine,
      size: options.size,
      rounds: options.rounds,
      otherLoad,
      startMs,
    },
    calls: [...calls, { id: 'all', title: 'all' }].map((call) =>
      figureOf(
        call,
        rounds.map(({ alone }) => alone),
        rounds.map(({ mixed }) => mixed),
      ),
    ),
    telemetryFlushMs: spreadOf(writes.telemetryMs),
    usageFlushMs: spreadOf(writes.usageMs),
    live: await liveCosts(system, subjects),
    // Last, because it deletes what is old.
    work: await measureWork(system.databaseAddress, subjects.devices, options.rounds),
  };
  say(`\n${renderApi(results)}`);
  if (isWhole(options)) await writeApiResults(results);
}

async function loadSubjects({ sql }: ApiSystem): Promise<Subjects> {
  const ids = async (table: string): Promise<string[]> => {
    const rows = await sql<{ id: string }[]>`select id from ${sql(table)} order by id`;
    return rows.map(({ id }) => id);
  };
  return {
    devices: await ids('devices'),
    connections: await ids('connections'),
    channels: await ids('notification_channels'),
  };
}

async function measureStarts(system: ApiSystem, options: ApiBenchOptions): Promise<number[]> {
  const startMs: number[] = [];
  for (let n = 0; n < (options.quick ? 1 : STARTS); n++) startMs.push(await system.restart());
  await system.connectDevices();
  return startMs;
}

async function liveCosts(system: ApiSystem, { devices }: Subjects): Promise<ApiResults['live']> {
  const token = await system.login();
  const measure = async (listening: boolean) => {
    let cost = { cpu: 0, events: 0 };
    await duringRelayWrites(system.databaseAddress, devices, async () => {
      cost = await measureLive(system.url, token, system.pid, { seconds: LIVE_SECONDS, listening });
    });
    return cost;
  };
  return { silent: await measure(false), listening: await measure(true) };
}

function isAsked(id: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((start) => id.startsWith(start));
}

function ms(latencies: Latencies): string {
  return latencies.get('all')!.p99.toFixed(1);
}

/** A part of the calls or a short run must not replace the results of a whole one. */
function isWhole({ only, quick, profileDir }: ApiBenchOptions): boolean {
  return only.length === 0 && !quick && profileDir === null;
}

let options: ApiBenchOptions;
try {
  options = readApiOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${API_USAGE}`);
  process.exit(2);
}
const kept = options.dataDir !== null;
const dataDir = options.dataDir ? resolve(options.dataDir) : await mkdtemp(join(tmpdir(), 'pp-api-bench-'));
await mkdir(dataDir, { recursive: true });
const system = await ApiSystem.start(dataDir, options.profileDir);
const end = async (): Promise<void> => {
  await system.stop();
  if (!kept) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void end().finally(() => process.exit(1)));
}
try {
  await run(system, options);
} finally {
  await end();
}
