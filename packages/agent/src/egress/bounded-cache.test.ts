import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

describe('the bounded cache', () => {
  it('drops the oldest entry when it is full, and each entry at its time', () => {
    const clock = new FakeClock();
    const cache = new BoundedCache<number>(2, clock);
    cache.set('a', 1, 1_000);
    cache.set('b', 2, 5_000);
    cache.set('c', 3, 5_000);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 2, 3]);
    cache.set('b', 4, 1_000);
    clock.advance(1_000);
    expect([cache.get('b'), cache.get('c'), cache.size]).toEqual([undefined, 3, 1]);
    cache.set('c', 5, 0);
    expect(cache.size).toBe(0);
  });
});
