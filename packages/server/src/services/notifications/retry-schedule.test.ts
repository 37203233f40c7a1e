import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GIVE_UP_AFTER_MS, nextAttempt } from './retry-schedule.ts';

/** Waits between attempts that all fail, in milliseconds. */
function waits(random: () => number): number[] {
  const found: number[] = [];
  let now = 0;
  for (let attempts = 1; ; attempts += 1) {
    const next = nextAttempt({ attempts, createdAt: 0 }, now, random);
    if (next === null) return found;
    found.push(next - now);
    now = next;
  }
}

test('waits double from 5 seconds to half an hour', () => {
  const seconds = waits(() => 1).map((ms) => ms / 1000);
  expect(seconds.slice(0, 11)).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]);
});

test('the last attempt is a day after the message was made, and there are fewer than 120', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (stream) => {
      const all = waits(() => stream.next().value);
      expect(all.reduce((sum, wait) => sum + wait, 0)).toBe(GIVE_UP_AFTER_MS);
      expect(all.length).toBeLessThan(120);
    }),
  );
});

test('what failed together does not come back together', () => {
  const at = (random: number) => nextAttempt({ attempts: 5, createdAt: 0 }, 0, () => random);
  expect([at(0), at(0.5)]).toEqual([40_000, 60_000]);
});
