import { parseArgs } from 'node:util';
import { type DatasetSize, FULL_SIZE, QUICK_SIZE } from './dataset.ts';

export interface ApiBenchOptions {
  readonly quick: boolean;
  readonly size: DatasetSize;
  /** Measured rounds; one more before them warms everything up. */
  readonly rounds: number;
  /** Calls of each kind in a round, one after the other. */
  readonly calls: number;
  /** How long calls are mixed at a rate, in each round. */
  readonly mixedSeconds: number;
  /** Calls whose id starts with one of these; all when empty. */
  readonly only: readonly string[];
  /** Where the server's data is kept for further runs; `null`: it goes when the run ends. */
  readonly dataDir: string | null;
  readonly explain: boolean;
  /** Where the server leaves a CPU profile. */
  readonly profileDir: string | null;
}

export const API_USAGE = `node bench/api-main.ts [options]
  --quick             few rows and calls: shows that everything works, not how fast it is
  --rounds <n>        measured rounds
  --only <ids>        calls whose id starts with one of these, comma-separated
  --data <folder>     keep the filled database there, or use the one that is there
  --explain           print the plan of each query, do not measure
  --profile <folder>  leave a CPU profile of the server there; see bench/profile-main.ts
`;

/** @throws {TypeError} when an option is unknown or wrong */
export function readApiOptions(args: readonly string[]): ApiBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      data: { type: 'string' },
      explain: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const { quick } = values;
  const rounds = values.rounds === undefined ? (quick ? 1 : 3) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError('--rounds is a number from 1');
  return {
    quick,
    size: quick ? QUICK_SIZE : FULL_SIZE,
    rounds,
    calls: quick ? 10 : 200,
    mixedSeconds: quick ? 3 : 20,
    only: values.only?.split(',') ?? [],
    dataDir: values.data ?? null,
    explain: values.explain,
    profileDir: values.profile ?? null,
  };
}
