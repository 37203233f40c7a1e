import { expect, test } from 'vitest';
import { interleave } from './rounds.ts';

test('every way is measured once a round, in alternating order, and the first round is thrown away', async () => {
  const order: string[] = [];
  let clock = 0;
  const way = (name: string) => async () => {
    order.push(name);
    clock += 1;
    return `${name}${clock}`;
  };
  const results = await interleave(2, [way('a'), way('b')]);
  expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  expect(results).toEqual([
    ['a4', 'a5'],
    ['b3', 'b6'],
  ]);
});
