import { parseArgs } from 'node:util';

/** How much is done for each figure. */
export interface Effort {
  /** Measured rounds; one more before them warms everything up and is thrown away. */
  readonly rounds: number;
  /** Of timed jobs. */
  readonly warmUpMs: number;
  readonly countedMs: number;
  /** Bytes of one bulk measurement, all flows together. */
  readonly bulkBytes: number;
  /** Bytes over the long round trip. The start, 0.45 s, takes a quarter of the time that the line alone needs for them. */
  readonly longWayBytes: number;
  /** Flows per peer and round of the first-byte figure. */
  readonly firstByteFlows: number;
  readonly idleFlows: number;
  /** Phones that are online at a time, and for how long their relay is watched then. */
  readonly phones: number;
  readonly phonesWatchedMs: number;
  /** Flows that are open at a time, and for how long requests go over them. */
  readonly openFlows: number;
  readonly openFlowsMs: number;
}

const MIB = 1024 * 1024;

const FULL: Effort = {
  rounds: 7,
  warmUpMs: 300,
  countedMs: 1_500,
  bulkBytes: 384 * MIB,
  longWayBytes: 512 * MIB,
  firstByteFlows: 100,
  idleFlows: 4_000,
  phones: 2_500,
  phonesWatchedMs: 60_000,
  openFlows: 10_000,
  openFlowsMs: 30_000,
};

const QUICK: Effort = {
  rounds: 2,
  warmUpMs: 200,
  countedMs: 600,
  bulkBytes: 128 * MIB,
  longWayBytes: 96 * MIB,
  firstByteFlows: 50,
  idleFlows: 1_000,
  phones: 200,
  phonesWatchedMs: 15_000,
  openFlows: 2_000,
  openFlowsMs: 3_000,
};

export interface BenchOptions {
  readonly effort: Effort;
  readonly quick: boolean;
  /** Whether also to measure what takes long and is otherwise left out. */
  readonly all: boolean;
  /** Draw the pictures of the last results, measure nothing. */
  readonly picturesOnly: boolean;
  /** Figures whose id starts with one of these; all when empty. */
  readonly only: readonly string[];
  /** Another checkout of this repository to compare with. */
  readonly against: string | null;
  /** Where server and agent leave CPU profiles; they run slower then. */
  readonly profileDir: string | null;
  /** What OpenSSH must use. */
  readonly cipher: string | null;
}

export const USAGE = `npm run bench -- [options]
  --quick             short run, under a minute: shows that everything works, not how fast it is
  --rounds <n>        measured rounds per figure
  --only <ids>        figures whose id starts with one of these, comma-separated
  --all               everything, some twenty minutes: also 'phones', 'open-flows' and 'vpn', which take long
  --pictures          draw the pictures of bench/results.json again, measure nothing
  --against <folder>  compare with another checkout of this repository (with node_modules) instead of OpenSSH
  --profile <folder>  leave CPU profiles of server and agent there; see bench/profile-main.ts
  --cipher <name>     cipher of OpenSSH; its own choice when left out
`;

/** @throws {TypeError} when an option is unknown or wrong */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      pictures: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      against: { type: 'string' },
      profile: { type: 'string' },
      cipher: { type: 'string' },
    },
  });
  if (values.all && values.only !== undefined) throw new TypeError('Either --all or --only');
  const effort = values.quick ? QUICK : FULL;
  const rounds = values.rounds === undefined ? effort.rounds : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError('--rounds is a number from 1');
  return {
    effort: { ...effort, rounds },
    quick: values.quick,
    all: values.all,
    picturesOnly: values.pictures,
    only: values.only?.split(',') ?? [],
    against: values.against ?? null,
    profileDir: values.profile ?? null,
    cipher: values.cipher ?? null,
  };
}
