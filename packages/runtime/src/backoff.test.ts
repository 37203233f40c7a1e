import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

describe('backoff', () => {
  it('doubles its ceiling up to the maximum and starts over after a success', () => {
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000, random: () => 0.999_999 });
    expect([backoff.next(), backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([
      200, 400, 800, 1_000, 1_000,
    ]);
    backoff.reset();
    expect(backoff.next()).toBe(200);
  });

  it('never waits less than the minimum', () => {
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000, random: () => 0 });
    expect([backoff.next(), backoff.next()]).toEqual([100, 100]);
  });
});
