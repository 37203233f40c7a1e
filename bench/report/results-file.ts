import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import type { MachineFacts } from './machine.ts';

const FILE = join(import.meta.dirname, '../results.json');
const DIGITS = 4;

/** What a figure was measured by. */
export interface Occasion {
  readonly at: string;
  readonly rounds: number;
  readonly machine: MachineFacts;
}

/** A figure with the time at which it was measured and the rounds that it took. */
export interface RecordedFigure extends Figure {
  readonly at: string;
  readonly rounds: number;
}

/** The last outcome of every figure, whether they come from one run or from several. */
export interface Results {
  /** Of the last run. */
  readonly machine: MachineFacts;
  readonly figures: readonly RecordedFigure[];
}

/** What `bench/results.json` holds. It is committed: ratios of one commit can be compared with those of another. */
export async function readResults(): Promise<Results> {
  return JSON.parse(await readFile(FILE, 'utf8')) as Results;
}

/** Puts the figures of a run into `bench/results.json`; others that are there stay. Answers what it holds now. */
export async function recordResults(figures: readonly Figure[], occasion: Occasion): Promise<Results> {
  const results = mergeResults(await readResults(), figures, occasion);
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value;
  await writeFile(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
  return results;
}

/** Figures keep their places; new ones come last. */
export function mergeResults(
  old: Results,
  figures: readonly Figure[],
  { at, rounds, machine }: Occasion,
): Results {
  const merged = new Map(old.figures.map((figure) => [figure.id, figure]));
  for (const figure of figures) merged.set(figure.id, { ...figure, at, rounds });
  return { machine, figures: [...merged.values()] };
}
