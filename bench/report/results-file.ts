import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import type { MachineFacts } from './machine.ts';

const FILE = join(import.meta.dirname, '../results.json');
const DIGITS = 4;

/** Everything that one run found out. */
export interface Results {
  readonly at: string;
  readonly rounds: number;
  readonly machine: MachineFacts;
  readonly figures: readonly Figure[];
}

/** Replaces `bench/results.json`, which is committed: ratios of one commit can be compared with those of another. */
export async function writeResults(results: Results): Promise<void> {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value;
  await writeFile(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
}
