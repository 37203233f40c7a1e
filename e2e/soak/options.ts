import { parseArgs } from 'node:util';

/** How a soak is run. */
export interface SoakOptions {
  readonly minutes: number;
  readonly phones: number;
  /** `auto`: 70 % of what the machine is found to carry. */
  readonly flowsPerSecond: number | 'auto';
  /** Only finds out what the machine carries. */
  readonly findLimit: boolean;
  /** For lines, picture and verdict. */
  readonly out: string;
  readonly intervalSeconds: number;
  /** Seed of everything that is drawn. */
  readonly seed: number;
}

/** What can be asked for, for people. */
export const USAGE = `node e2e/soak/soak-main.ts [options]
  --minutes <n>            how long flows are started, warm-up included (30)
  --phones <n>             real agents (200)
  --flows-per-second <n>   new flows a second, or auto: 70 % of the measured limit (50)
  --find-limit             only measures how many new flows a second this machine carries
  --out <folder>           samples.jsonl, verdict.json and soak.svg (soak-results)
  --interval <seconds>     between two samples (15)
  --seed <n>               of what is drawn (1)`;

/** @throws {RangeError} that names the option and what it accepts */
export function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      phones: { type: 'string', default: '200' },
      'flows-per-second': { type: 'string', default: '50' },
      'find-limit': { type: 'boolean', default: false },
      out: { type: 'string', default: 'soak-results' },
      interval: { type: 'string', default: '15' },
      seed: { type: 'string', default: '1' },
    },
  });
  const rate = values['flows-per-second'];
  return {
    minutes: positive('--minutes', values.minutes),
    phones: positive('--phones', values.phones),
    flowsPerSecond: rate === 'auto' ? 'auto' : positive('--flows-per-second', rate),
    findLimit: values['find-limit'],
    out: values.out,
    intervalSeconds: positive('--interval', values.interval),
    seed: positive('--seed', values.seed),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`${name} ${text}: expected a number above 0`);
}
