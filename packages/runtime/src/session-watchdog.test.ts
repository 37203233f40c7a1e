import type { Http2Session } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { FakeClock } from './clock.ts';
import { SessionWatchdog } from './session-watchdog.ts';

/** A session whose PING answers the test gives. */
function setUp() {
  const clock = new FakeClock();
  const pings: Array<(error: Error | null) => void> = [];
  const roundTrips: number[] = [];
  let dead = 0;
  const session = {
    ping: (callback: (error: Error | null) => void) => pings.push(callback) > 0,
  } as unknown as Http2Session;
  const watchdog = new SessionWatchdog(session, {
    clock,
    intervalMs: 10_000,
    timeoutMs: 10_000,
    onRoundTrip: (ms) => roundTrips.push(ms),
    onDead: () => {
      dead += 1;
    },
  });
  return { clock, pings, roundTrips, watchdog, deaths: () => dead };
}

describe('the watchdog', () => {
  it('measures round trips and leaves an answering session alone', () => {
    const { clock, pings, roundTrips, deaths } = setUp();
    for (let i = 0; i < 20; i++) {
      clock.advance(80);
      pings.pop()?.(null);
      clock.advance(9_920);
    }
    expect(roundTrips.every((ms) => ms === 80)).toBe(true);
    expect(deaths()).toBe(0);
  });

  it('reports a silent session within 20 s of its last answer, once', () => {
    const { clock, pings, deaths } = setUp();
    pings.pop()?.(null);
    clock.advance(19_999);
    expect(deaths()).toBe(0);
    clock.advance(1);
    expect(deaths()).toBe(1);
    clock.advance(100_000);
    expect(deaths()).toBe(1);
  });

  it('takes a PING that failed as no answer', () => {
    const { clock, pings, deaths } = setUp();
    pings.pop()?.(new Error('cancelled'));
    clock.advance(10_000);
    expect(deaths()).toBe(1);
  });

  it('is quiet once stopped', () => {
    const { clock, watchdog, deaths } = setUp();
    watchdog.stop();
    clock.advance(100_000);
    expect(deaths()).toBe(0);
  });
});
