import { expect, test } from 'vitest';
import { roundTicks } from './ticks.ts';

const MIB = 1024 ** 2;

test.each([
  [807 * MIB, 1024, [0, 256, 512, 768, 1024].map((count) => count * MIB)],
  [1024 * MIB, 1024, [0, 1024 * MIB]],
  [3, 1000, [0, 1, 2, 3]],
  [42, 1000, [0, 10, 20, 30, 40, 50]],
  [0, 1000, [0, 1]],
] as const)('up to %d with a base of %d, an axis is marked at %j', (max, base, ticks) => {
  expect(roundTicks(max, base)).toEqual(ticks);
});
