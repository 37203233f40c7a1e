import { expect, test } from 'vitest';
import { Gather } from './gather.ts';

test('things that come together are handed on together, in their order', () => {
  const timers: (() => void)[] = [];
  const handed: (readonly number[])[] = [];
  const gather = new Gather<number>(
    50,
    (things) => handed.push(things),
    (run) => timers.push(run),
  );
  gather.add(1);
  gather.add(2);
  expect(timers).toHaveLength(1);
  timers[0]?.();
  gather.add(3);
  timers[1]?.();
  expect(handed).toEqual([[1, 2], [3]]);
});
