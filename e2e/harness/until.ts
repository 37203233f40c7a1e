import { setTimeout as delay } from 'node:timers/promises';

/**
 * How often a condition without an event of its own is looked at: after a tenth of the time that it has taken so far,
 * within these bounds. Who looks often at what takes long keeps a core busy that others wait for.
 */
const LEAST_INTERVAL_MS = 25;
const MOST_INTERVAL_MS = 250;

/**
 * Asks `probe` until its answer is neither `undefined`, `null` nor `false`, and answers that. For conditions that only
 * another process can see; whatever has an event is awaited by its event.
 * @throws {Error} that says what was waited for, after `withinMs`
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T> | T,
  withinMs = 15_000,
): Promise<Exclude<T, undefined | null | false>> {
  const startedAt = performance.now();
  const deadline = startedAt + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== null && answer !== false) {
        return answer as Exclude<T, undefined | null | false>;
      }
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`Waited ${withinMs} ms in vain for: ${what}. Last answer: ${describe(last)}`);
    }
    const soFar = performance.now() - startedAt;
    await delay(Math.min(MOST_INTERVAL_MS, Math.max(LEAST_INTERVAL_MS, soFar / 10)));
  }
}

/** Fails when `promise` takes longer than `withinMs`; says what was awaited. */
export async function within<T>(what: string, withinMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Took longer than ${withinMs} ms: ${what}`)), withinMs);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function describe(value: unknown): string {
  if (value instanceof Error) return value.message;
  return JSON.stringify(value) ?? 'undefined';
}
