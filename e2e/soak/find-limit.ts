import { setTimeout as delay } from 'node:timers/promises';
import type { Soak } from './soak.ts';

const FIRST_RATE = 50;
const STEP = 1.4;
const SETTLE_MS = 4_000;
const MEASURE_MS = 10_000;
/** A quick flow takes some milliseconds on an idle machine. */
const P95_LIMIT_MS = 1_000;
/** Of the flows that should be started; a client that falls behind has no time left. */
const STARTED_SHARE = 0.95;
const REFINEMENTS = 2;

/** One rate that was tried. */
export interface RateTrial {
  readonly rate: number;
  readonly carried: boolean;
  readonly flowsPerSecond: number;
  readonly p95Ms: number | null;
  readonly failures: Readonly<Record<string, number>>;
}

/**
 * Raises the rate of new flows until quick ones take longer than a second (p95), flows fail, or the machine has no time
 * to start them. Answers the last rate that went well.
 */
export async function findLimit(soak: Soak, onTrial: (trial: RateTrial) => void): Promise<number> {
  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  let rate = FIRST_RATE;
  for (let refined = 0; refined <= REFINEMENTS; ) {
    const trial = await tryRate(soak, rate);
    onTrial(trial);
    if (trial.carried) good = rate;
    else {
      bad = rate;
      await soak.generator.drain(60_000);
    }
    if (bad === Number.POSITIVE_INFINITY) rate *= STEP;
    else {
      refined += 1;
      rate = (good + bad) / 2;
    }
  }
  await soak.generator.drain(60_000);
  return good;
}

async function tryRate({ generator, outcomes }: Soak, rate: number): Promise<RateTrial> {
  generator.rate = rate;
  await delay(SETTLE_MS);
  outcomes.take();
  const from = performance.now();
  await delay(MEASURE_MS);
  const { started, p95Ms, unexplained } = outcomes.take();
  const flowsPerSecond = started / ((performance.now() - from) / 1_000);
  const carried =
    p95Ms !== null &&
    p95Ms <= P95_LIMIT_MS &&
    Object.keys(unexplained).length === 0 &&
    flowsPerSecond >= rate * STARTED_SHARE;
  return { rate, carried, flowsPerSecond, p95Ms, failures: unexplained };
}
