import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeClock } from './clock.ts';
import { type LimitedFlow, RateLimit } from './rate-limit.ts';

const MEGABIT = 125_000;

/** A flow that always has more to send, in pieces of one size. */
class Greedy implements LimitedFlow {
  allowance = 0;
  waiting = false;
  passed = 0;
  longestWaitMs = 0;
  readonly #limit: RateLimit;
  readonly #clock: FakeClock;
  readonly #piece: number;
  #rest = 0;
  #since = 0;

  constructor(limit: RateLimit, clock: FakeClock, piece: number) {
    this.#limit = limit;
    this.#clock = clock;
    this.#piece = piece;
    this.#since = clock.monotonic();
  }

  offer(): void {
    for (;;) {
      const wanted = this.#rest > 0 ? this.#rest : this.#piece;
      const passed = this.#limit.take(this, wanted);
      this.passed += passed;
      this.#rest = wanted - passed;
      if (passed > 0) {
        this.longestWaitMs = Math.max(this.longestWaitMs, this.#clock.monotonic() - this.#since);
        this.#since = this.#clock.monotonic();
      }
      if (this.waiting) return;
    }
  }

  resume(): void {
    queueMicrotask(() => this.offer());
  }
}

function start(bytesPerSecond: number, pieces: readonly number[]) {
  const clock = new FakeClock();
  const limit = new RateLimit(clock, bytesPerSecond);
  const flows = pieces.map((piece) => new Greedy(limit, clock, piece));
  for (const flow of flows) flow.offer();
  const run = async (ms: number) => {
    for (let at = 0; at < ms; at += 5) {
      clock.advance(5);
      await nextTurn();
    }
  };
  const total = () => flows.reduce((sum, { passed }) => sum + passed, 0);
  return { clock, limit, flows, run, total };
}

describe('a rate limit', () => {
  it.each([
    [1, 1, 64 * 1024],
    [1, 8, 16 * 1024],
    [10, 1, 16 * 1024],
    [100, 1, 64 * 1024],
    [100, 2, 16 * 1024],
    [1_000, 8, 16 * 1024],
  ])('of %i Mbit/s passes that and no more over %i flows', async (mbps, count, piece) => {
    const { run, total } = start(mbps * MEGABIT, Array(count).fill(piece));
    await run(1_000);
    const before = total();
    await run(5_000);
    expect((total() - before) / (5 * mbps * MEGABIT)).toBeGreaterThan(0.97);
    expect(total() / (6.1 * mbps * MEGABIT)).toBeLessThan(1.01);
  });

  it('gives every flow its turn, those with small pieces and those that came late too', async () => {
    const { run, flows, limit, clock } = start(MEGABIT, [64 * 1024, 64 * 1024, 1_500, 16 * 1024]);
    await run(2_000);
    const late = new Greedy(limit, clock, 16 * 1024);
    late.offer();
    const before = flows.map(({ passed }) => passed);
    await run(5_000);
    const shares = [...flows.map(({ passed }, index) => passed - before[index]!), late.passed];
    expect(Math.min(...shares) / Math.max(...shares)).toBeGreaterThan(0.95);
    for (const { longestWaitMs } of [...flows, late]) expect(longestWaitMs).toBeLessThan(250);
  });

  it('takes a changed rate over at once, and lets everybody go when it is lifted', async () => {
    const { run, total, limit, flows } = start(MEGABIT, [16 * 1024, 16 * 1024]);
    await run(1_000);
    limit.setRate(10 * MEGABIT);
    const before = total();
    await run(2_000);
    expect((total() - before) / (20 * MEGABIT)).toBeCloseTo(1, 1);
    const resumed: LimitedFlow[] = [];
    for (const flow of flows) flow.resume = () => resumed.push(flow);
    limit.lift();
    expect(new Set(resumed)).toEqual(new Set(flows));
    expect(flows.map(({ waiting }) => waiting)).toEqual([false, false]);
  });

  it('drops datagrams above it', async () => {
    const { limit, clock } = start(MEGABIT, []);
    let passed = 0;
    for (let ms = 0; ms < 5_000; ms += 1) {
      clock.advance(1);
      if (limit.admits(1_200)) passed += 1_200;
    }
    expect(passed / (5.1 * MEGABIT)).toBeCloseTo(1, 1);
  });

  it('shares between datagrams and streams', async () => {
    const { limit, clock, flows } = start(MEGABIT, [16 * 1024]);
    let datagrams = 0;
    for (let ms = 0; ms < 6_000; ms += 2) {
      clock.advance(2);
      if (limit.admits(1_200)) datagrams += 1_200;
      await nextTurn();
    }
    const streams = flows[0]!.passed;
    expect((datagrams + streams) / (6 * MEGABIT)).toBeCloseTo(1, 1);
    expect(datagrams / streams).toBeGreaterThan(0.7);
    expect(datagrams / streams).toBeLessThan(1.5);
  });

  it('gives back what a flow that ended did not use', async () => {
    const { run, flows, limit, total } = start(MEGABIT, Array(50).fill(16 * 1024));
    await run(500);
    for (const flow of flows.splice(1)) {
      flow.resume = () => {};
      limit.leave(flow);
    }
    const before = total();
    await run(2_000);
    expect((total() - before) / (2 * MEGABIT)).toBeGreaterThan(0.95);
  });
});
