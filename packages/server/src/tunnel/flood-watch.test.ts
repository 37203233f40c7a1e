import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, test } from 'vitest';
import { FloodWatch } from './flood-watch.ts';

const MB = 1_000_000;

function setUp() {
  const clock = new FakeClock();
  const bytes = { total: 0, granted: 0, outstanding: 0 };
  let floods = 0;
  const watch = new FloodWatch({
    clock,
    received: () => bytes,
    onFlood: () => {
      floods += 1;
    },
  });
  return { clock, bytes, watch, floods: () => floods };
}

describe('a watch for floods', () => {
  test('reports bytes that nobody asked for, once, within seconds', () => {
    const { clock, bytes, floods } = setUp();
    for (let second = 0; second < 10; second += 1) {
      bytes.total += 20 * MB;
      clock.advance(1_000);
      expect(floods()).toBe(second < 1 ? 0 : 1);
    }
  });

  test('lets a busy phone send its frames all day', () => {
    const { clock, bytes, floods } = setUp();
    for (let second = 0; second < 86_400; second += 1) {
      bytes.total += 1.9 * MB;
      clock.advance(1_000);
    }
    expect(floods()).toBe(0);
  });

  test('lets flows receive what they were granted, also long after, and in small frames', () => {
    const { clock, bytes, floods } = setUp();
    // A thousand downloads whose clients read nothing yet.
    bytes.granted += 192 * MB;
    bytes.outstanding = 192 * MB;
    clock.advance(60_000);
    bytes.total += 2 * 192 * MB;
    clock.advance(2_000);
    expect(floods()).toBe(0);
    // They are cut, all at once.
    bytes.outstanding = 0;
    clock.advance(2_000);
    expect(floods()).toBe(0);
  });

  test('does not take what flows left over as a reason for later', () => {
    const { clock, bytes, floods } = setUp();
    for (let flow = 0; flow < 10_000; flow += 1) {
      bytes.granted += 192_000;
      bytes.total += 1_000;
    }
    clock.advance(2_000);
    bytes.total += 50 * MB;
    clock.advance(2_000);
    expect(floods()).toBe(1);
  });

  test('reports a phone that sends more on a flow than it may', () => {
    const { clock, bytes, floods } = setUp();
    bytes.granted = 192_000;
    bytes.outstanding = 192_000;
    bytes.total = 100 * MB;
    clock.advance(2_000);
    expect(floods()).toBe(1);
  });

  test('is quiet once stopped', () => {
    const { clock, bytes, watch, floods } = setUp();
    watch.stop();
    bytes.total = 1_000 * MB;
    clock.advance(60_000);
    expect(floods()).toBe(0);
  });
});
