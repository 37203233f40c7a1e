import { FakeClock } from '@pocketproxy/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RepeatCounter } from './repeat-counter.ts';

function setUp(limits = { oneByOne: 2, kinds: 2 }) {
  const clock = new FakeClock();
  const heldBack: [string | null, number][] = [];
  const counter = new RepeatCounter<string>({
    ...{ clock, windowMs: 1_000, ...limits },
    onHeldBack: (last, times) => heldBack.push([last, times]),
  });
  return { clock, counter, heldBack };
}

describe('a counter of repeated events', () => {
  test('lets the first of each kind through and tells the others at the end of the window', () => {
    const { clock, counter, heldBack } = setUp();
    expect(['1', '2', '3', '4'].map((event) => counter.note('a', event))).toEqual([true, true, false, false]);
    expect(counter.note('b', '5')).toBe(true);
    clock.advance(999);
    expect(heldBack).toEqual([]);
    clock.advance(1);
    expect(heldBack).toEqual([['4', 2]]);
    expect(counter.note('a', '6')).toBe(true);
    clock.advance(1_000);
    expect(heldBack).toHaveLength(1);
  });

  test('counts what is of too many kinds as one', () => {
    const { counter, heldBack } = setUp();
    expect(['a', 'b', 'c', 'd'].map((kind) => counter.note(kind, kind))).toEqual([true, true, false, false]);
    counter.endWindow();
    expect(heldBack).toEqual([[null, 2]]);
  });

  test('loses none, and costs no more than it may', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e')), (kinds) => {
        const { counter, heldBack } = setUp();
        const through = kinds.filter((kind) => counter.note(kind, kind)).length;
        counter.endWindow();
        expect(through + heldBack.reduce((sum, [, times]) => sum + times, 0)).toBe(kinds.length);
        expect(through + heldBack.length).toBeLessThanOrEqual(2 * 3 + 1);
      }),
    );
  });
});
