import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, test } from 'vitest';
import { Capacity, type Shortage } from './capacity.ts';

const MB = 1024 * 1024;

function setUp() {
  const clock = new FakeClock();
  const now = { flows: 0, memory: 100 * MB, garbage: 0, collections: 0 };
  const told: (Shortage | null)[] = [];
  const capacity = new Capacity({
    ...{ maxFlows: 10, maxMemoryBytes: 1_000 * MB, clock },
    openFlows: () => now.flows,
    memoryInUse: () => now.memory + now.garbage,
    collectGarbage: () => {
      now.collections += 1;
      now.garbage = 0;
    },
    onChange: (shortage) => told.push(shortage),
  });
  return { clock, now, told, capacity };
}

describe('the capacity of a relay', () => {
  test('counts flows that are open together with those that are being dialled', () => {
    const { now, capacity } = setUp();
    now.flows = 8;
    capacity.dialling();
    expect(capacity.shortage).toBeNull();
    capacity.dialling();
    expect(capacity.shortage).toBe('flows');
    capacity.dialled();
    expect(capacity.shortage).toBeNull();
    now.flows = 9;
    expect(capacity.shortage).toBe('flows');
  });

  test('is short of memory from the limit on, until a tenth of it is free again', () => {
    const { clock, now, capacity } = setUp();
    now.memory = 1_000 * MB;
    clock.advance(500);
    expect(capacity.shortage).toBe('memory');
    now.memory = 950 * MB;
    clock.advance(500);
    expect(capacity.shortage).toBe('memory');
    now.memory = 899 * MB;
    clock.advance(500);
    expect(capacity.shortage).toBeNull();
  });

  test('is not short of what nobody needs any more', () => {
    const { clock, now, told } = setUp();
    now.garbage = 950 * MB;
    clock.advance(500);
    expect([told, now.collections]).toEqual([[], 1]);
  });

  test('frees what flows have left behind without waiting for new ones', () => {
    const { clock, now, capacity } = setUp();
    now.memory = 1_000 * MB;
    clock.advance(500);
    expect(capacity.shortage).toBe('memory');
    [now.memory, now.garbage] = [100 * MB, 900 * MB];
    clock.advance(1_000);
    expect(capacity.shortage).toBeNull();
  });

  test('collects once a second at most, and never while there is enough', () => {
    const { clock, now } = setUp();
    clock.advance(60_000);
    expect(now.collections).toBe(0);
    now.memory = 1_000 * MB;
    clock.advance(10_000);
    expect(now.collections).toBe(10);
  });

  test('spends no more than a fifth of its time with collections', () => {
    const clock = new FakeClock();
    const began = clock.now();
    let collections = 0;
    new Capacity({
      ...{ maxFlows: 1, maxMemoryBytes: 1, openFlows: () => 0, memoryInUse: () => 2, onChange: () => {} },
      clock,
      // Time goes on meanwhile.
      collectGarbage: () => {
        collections += 1;
        clock.advance(400);
      },
    });
    clock.advance(100_000);
    expect(collections).toBeGreaterThan(3);
    expect((collections * 400) / (clock.now() - began)).toBeLessThanOrEqual(1 / 5);
  });

  test('is told once when it runs out, and once when it is back', () => {
    const { clock, now, told } = setUp();
    now.flows = 10;
    clock.advance(2_000);
    expect(told).toEqual(['flows']);
    now.flows = 5;
    clock.advance(2_000);
    expect(told).toEqual(['flows', null]);
  });
});
