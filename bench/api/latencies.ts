import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../measure/statistics.ts';
import type { Answered, ApiCaller } from './caller.ts';
import type { ApiCall, Subjects } from './calls.ts';

/** Of one call in one round, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly calls: number;
  /** Of the largest answer. */
  readonly bytes: number;
}

/** By the id of the call; `all` are all calls together. */
export type Latencies = ReadonlyMap<string, Latency>;

export interface LatencyRun {
  readonly caller: ApiCaller;
  readonly calls: readonly ApiCall[];
  readonly subjects: Subjects;
  /** Used in turn. */
  readonly tokens: readonly string[];
}

/** One call after the other. */
export async function oneByOne(
  { caller, calls, subjects, tokens }: LatencyRun,
  times: number,
): Promise<Latencies> {
  const answers = emptyAnswers(calls);
  for (const call of calls) {
    for (let n = 0; n < times; n++) {
      answers.get(call.id)!.push(await caller.get(call.path(subjects), tokens[n % tokens.length]!));
    }
  }
  return summaryOf(answers);
}

/**
 * All calls mixed, at a rate that does not depend on the answers. Time counts from when a call was due, so that one
 * slow answer shows in all that had to wait for it.
 */
export async function atRate(
  { caller, calls, subjects, tokens }: LatencyRun,
  perSecond: number,
  seconds: number,
): Promise<Latencies> {
  const answers = emptyAnswers(calls);
  const startedAt = performance.now();
  const all: Promise<void>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const due = startedAt + (n * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 1) await delay(wait);
    const call = calls[n % calls.length]!;
    all.push(
      caller.get(call.path(subjects), tokens[n % tokens.length]!).then(({ bytes }) => {
        answers.get(call.id)!.push({ bytes, ms: performance.now() - due });
      }),
    );
  }
  await Promise.all(all);
  return summaryOf(answers);
}

function emptyAnswers(calls: readonly ApiCall[]): Map<string, Answered[]> {
  return new Map(calls.map(({ id }) => [id, []]));
}

function summaryOf(answers: ReadonlyMap<string, readonly Answered[]>): Latencies {
  const every = [...answers.values()].flat();
  return new Map([...answers, ['all', every] as const].map(([id, of]) => [id, latencyOf(of)]));
}

function latencyOf(answers: readonly Answered[]): Latency {
  const times = answers.map(({ ms }) => ms);
  return {
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    calls: times.length,
    bytes: Math.max(...answers.map(({ bytes }) => bytes)),
  };
}
