import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Spread, spreadOf } from '../measure/statistics.ts';
import type { MachineFacts } from '../report/machine.ts';
import type { ApiCall } from './calls.ts';
import type { DatasetSize } from './dataset.ts';
import type { Latencies } from './latencies.ts';
import type { LiveCost } from './live.ts';
import type { WorkCost } from './write-costs.ts';

const FILE = join(import.meta.dirname, '../api-results.json');
const LIMIT_MS = 50;
const DIGITS = 4;

/** Percentiles of one call, over the rounds, in milliseconds. */
export interface CallFigure {
  readonly id: string;
  readonly title: string;
  readonly bytes: number;
  readonly alone: { readonly p50: Spread; readonly p99: Spread };
  readonly mixed: { readonly p50: Spread; readonly p99: Spread };
}

/** Everything that one run found out. */
export interface ApiResults {
  readonly at: string;
  readonly machine: MachineFacts;
  readonly size: DatasetSize;
  readonly rounds: number;
  /** Share of the machine that other programs took while calls were mixed, 0 to 1, by round. */
  readonly otherLoad: readonly number[];
  /** From the start of the process until it is ready and somebody is logged in. */
  readonly startMs: readonly number[];
  readonly calls: readonly CallFigure[];
  readonly telemetryFlushMs: Spread;
  readonly usageFlushMs: Spread;
  readonly work: readonly WorkCost[];
  readonly live: { readonly silent: LiveCost; readonly listening: LiveCost };
}

/** Puts the rounds of each call together. */
export function figureOf(
  { id, title }: Pick<ApiCall, 'id' | 'title'>,
  alone: readonly Latencies[],
  mixed: readonly Latencies[],
): CallFigure {
  const spreads = (rounds: readonly Latencies[]) => ({
    p50: spreadOf(rounds.map((round) => round.get(id)!.p50)),
    p99: spreadOf(rounds.map((round) => round.get(id)!.p99)),
  });
  const bytes = Math.max(...alone.map((round) => round.get(id)!.bytes));
  return { id, title, bytes, alone: spreads(alone), mixed: spreads(mixed) };
}

/** The figures as Markdown tables. */
export function renderApi(results: ApiResults): string {
  const { calls, work, live, startMs, telemetryFlushMs, usageFlushMs } = results;
  const head = ['call', 'answer, KB', 'alone p50, ms', 'p99', 'mixed p50, ms', 'p99', `< ${LIMIT_MS} ms`];
  const rows = calls.map(({ title, bytes, alone, mixed }) => [
    title,
    (bytes / 1000).toFixed(1),
    ...[alone.p50, alone.p99, mixed.p50, mixed.p99].map(ranged),
    Math.max(alone.p99.median, mixed.p99.median) < LIMIT_MS ? 'ok' : 'short',
  ]);
  const workRows = work.map(({ title, ms }) => [title, ranged(spreadOf(ms))]);
  return [
    table(head, rows),
    table(
      ['work', 'ms'],
      [
        ['start of the server', ranged(spreadOf(startMs))],
        ['telemetry of a second, mixed', ranged(telemetryFlushMs)],
        ['usage of a tenth of all connections, mixed', ranged(usageFlushMs)],
        ...workRows,
      ],
    ),
    `Relays write, nobody listens: ${live.silent.cpu.toFixed(2)} CPU s/s. One client listens: ` +
      `${live.listening.cpu.toFixed(2)} CPU s/s, ${live.listening.events.toFixed(0)} events/s.`,
  ].join('\n\n');
}

/** Replaces `bench/api-results.json`, which is committed. */
export async function writeApiResults(results: ApiResults): Promise<void> {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value;
  await writeFile(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
}

function ranged({ median: value, min, max }: Spread): string {
  return min === max ? value.toFixed(1) : `${value.toFixed(1)} (${min.toFixed(1)}-${max.toFixed(1)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
