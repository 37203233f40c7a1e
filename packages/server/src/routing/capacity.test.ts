import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, test } from 'vitest';
import { Capacity, type Shortage } from './capacity.ts';

const MB = 1024 * 1024;

function setUp() {
  const clock = new FakeClock();
  const now = { flows: 0, memory: 100 * MB };
  const told: (Shortage | null)[] = [];
  const capacity = new Capacity({
    ...{ maxFlows: 10, maxMemoryBytes: 1_000 * MB, clock },
    openFlows: () => now.flows,
    memoryInUse: () => now.memory,
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
