import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FLOW_WINDOW_INITIAL } from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bridge, type FlowLimits } from './bridge.ts';
import { FakeClock, RealClock } from './clock.ts';
import { RateLimit } from './rate-limit.ts';
import { socketPair, TunnelPair } from './testing/tunnel-pair.ts';

let tunnel: TunnelPair;

beforeEach(async () => {
  tunnel = await TunnelPair.open();
});

afterEach(() => tunnel.close());

/** customer <-> near bridge <-> HTTP/2 <-> far bridge <-> destination, as in the product. */
async function joined(limits: FlowLimits | null = null) {
  const [customer, relaySide] = await socketPair();
  const [agentSide, destination] = await socketPair();
  const { near, far } = await tunnel.flow();
  const meter = { up: 0, down: 0 };
  const closed = { near: false, far: false };
  const bothClosed = new Promise<void>((resolve) => {
    const note = (end: 'near' | 'far') => () => {
      closed[end] = true;
      if (closed.near && closed.far) resolve();
    };
    bridge(relaySide, near, meter, note('near'), limits);
    bridge(agentSide, far, { up: 0, down: 0 }, note('far'));
  });
  return { customer, destination, near, far, meter, bothClosed };
}

/** Reads to the FIN; unlike `for await`, leaves the stream open for writing. */
function readAll(stream: Duplex): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('bridge', () => {
  it('carries bytes unchanged in both directions and counts each once', async () => {
    const { customer, destination, meter, bothClosed } = await joined();
    const up = randomBytes(3_000_001);
    const down = randomBytes(5_000_003);
    customer.end(up);
    destination.end(down);
    const [atDestination, atCustomer] = await Promise.all([readAll(destination), readAll(customer)]);
    await bothClosed;
    expect(sha256(atDestination)).toBe(sha256(up));
    expect(sha256(atCustomer)).toBe(sha256(down));
    expect(meter).toEqual({ up: up.length, down: down.length });
  });

  it('carries bytes unchanged when it is limited, and the FIN after the last of them', async () => {
    const clock = new RealClock();
    const limits = {
      ...{ left: Number.POSITIVE_INFINITY, spent: () => {} },
      ...{ up: new RateLimit(clock, 4_000_000), down: new RateLimit(clock, 6_000_000) },
    };
    const { customer, destination, meter, bothClosed } = await joined(limits);
    const up = randomBytes(1_000_001);
    const down = randomBytes(1_500_003);
    const begin = performance.now();
    customer.end(up);
    destination.end(down);
    const [atDestination, atCustomer] = await Promise.all([readAll(destination), readAll(customer)]);
    expect(performance.now() - begin).toBeGreaterThan(120);
    await bothClosed;
    expect(sha256(atDestination)).toBe(sha256(up));
    expect(sha256(atCustomer)).toBe(sha256(down));
    expect(meter).toEqual({ up: up.length, down: down.length });
  });

  it('leaves what is over its limit where it came from', async () => {
    const limits = {
      ...{ left: Number.POSITIVE_INFINITY, spent: () => {} },
      ...{ up: null, down: new RateLimit(new FakeClock(), 1_000_000) },
    };
    const { customer, destination, meter, far, bothClosed } = await joined(limits);
    customer.resume();
    destination.write(Buffer.alloc(8 * 1024 * 1024));
    await until(() => far.window.room <= 0);
    await nextTurn();
    // The burst, of which a last piece that is smaller than a turn is not worth one, of a clock that stands still.
    expect(meter.down).toBeLessThanOrEqual(100_000);
    expect(meter.down).toBeGreaterThan(90_000);
    // By a FIN alone nobody would be missed while nothing is written.
    customer.resetAndDestroy();
    destination.destroy();
    await bothClosed;
  });

  it('goes on when its limit is lifted', async () => {
    const clock = new FakeClock();
    const limits = {
      ...{ left: Number.POSITIVE_INFINITY, spent: () => {} },
      ...{ up: new RateLimit(clock, 1_000) as RateLimit | null, down: null },
    };
    const { customer, destination, bothClosed } = await joined(limits);
    customer.end(Buffer.alloc(500_000));
    await once(destination, 'readable');
    const limit = limits.up!;
    limits.up = null;
    limit.lift();
    expect(await readAll(destination)).toHaveLength(500_000);
    destination.end();
    await bothClosed;
  });

  it('ends with the chunk that spends what is left, and counts no other', async () => {
    let aborted = false;
    const limits: FlowLimits = { left: 100_000, spent: () => {}, up: null, down: null };
    const { customer, destination, meter, bothClosed, near } = await joined(limits);
    limits.spent = () => {
      aborted = true;
      near.reset();
      customer.destroy();
    };
    customer.resume();
    destination.on('error', () => {});
    destination.write(Buffer.alloc(8 * 1024 * 1024));
    await bothClosed;
    expect(aborted).toBe(true);
    expect(meter.down).toBeGreaterThanOrEqual(100_000);
    expect(meter.down).toBeLessThanOrEqual(100_000 + 64 * 1024);
  });

  it('passes a FIN on and still carries the answer', async () => {
    const { customer, destination, bothClosed } = await joined();
    customer.end('question');
    expect((await readAll(destination)).toString()).toBe('question');
    destination.end('answer');
    expect((await readAll(customer)).toString()).toBe('answer');
    await bothClosed;
  });

  it('turns a reset by the destination into a reset for the customer, not a clean end', async () => {
    const { customer, destination, bothClosed } = await joined();
    customer.write('x');
    await once(destination, 'data');
    const ended = closing(customer);
    customer.resume();
    destination.resetAndDestroy();
    expect(await ended).toBe(true);
    await bothClosed;
  });

  it('turns a lost session into a reset for the customer', async () => {
    const { customer, destination, bothClosed } = await joined();
    destination.write('part of an answer');
    await once(customer, 'data');
    const ended = closing(customer);
    tunnel.session.destroy();
    expect(await ended).toBe(true);
    await bothClosed;
  });

  it('tells the destination when the customer is gone', async () => {
    const { customer, destination, bothClosed } = await joined();
    destination.write('x');
    await once(customer, 'data');
    const ended = closing(destination);
    destination.resume();
    customer.resetAndDestroy();
    await ended;
    await bothClosed;
  });

  it('holds no more than the first window for a reader that never reads', async () => {
    const { near, far } = await tunnel.flow();
    const [, relaySide] = await socketPair();
    const [agentSide, destination] = await socketPair();
    relaySide.write = () => false;
    const meter = { up: 0, down: 0 };
    bridge(relaySide, near, meter, () => {});
    const farMeter = { up: 0, down: 0 };
    bridge(agentSide, far, farMeter, () => {});
    destination.write(Buffer.alloc(8 * 1024 * 1024));
    await until(() => farMeter.up >= FLOW_WINDOW_INITIAL && far.window.room <= 0);
    await nextTurn();
    const underWay = farMeter.up;
    expect(underWay).toBeLessThanOrEqual(FLOW_WINDOW_INITIAL + meter.down);
    expect(meter.down).toBeLessThanOrEqual(64 * 1024);
    relaySide.destroy();
    destination.destroy();
  });

  it('passes on a FIN that came before the join', async () => {
    const { near, far } = await tunnel.flow();
    const [customer, relaySide] = await socketPair();
    customer.end();
    relaySide.resume();
    await once(relaySide, 'end');
    bridge(relaySide, near, { up: 0, down: 0 }, () => {});
    far.stream.resume();
    await once(far.stream, 'end');
    relaySide.destroy();
  });

  it('closes a stream inside the process without an end when the transfer was cut', async () => {
    const { near, far } = await tunnel.flow();
    const [ours, theirs] = duplexPair();
    bridge(ours, near, { up: 0, down: 0 }, () => {});
    far.stream.write('part of an answer');
    await once(theirs, 'data');
    const closed = closing(theirs);
    theirs.once('end', () => expect.unreachable('a cut transfer looked complete'));
    far.reset();
    await closed;
    expect(theirs.readableEnded).toBe(false);
  });

  it('closes at once when the customer was gone before the join', async () => {
    const { near, far } = await tunnel.flow();
    const [customer, relaySide] = await socketPair();
    customer.destroy();
    relaySide.destroy();
    await closing(relaySide);
    await new Promise<void>((resolve) => bridge(relaySide, near, { up: 0, down: 0 }, resolve));
    await closing(far.stream);
  });

  it('joins what comes packet by packet in bulk, and delivers it unchanged', async () => {
    const { customer, destination, near, bothClosed } = await joined();
    const sent: number[] = [];
    const write = near.stream.write.bind(near.stream);
    near.stream.write = ((chunk: Buffer) => {
      sent.push(chunk.length);
      return write(chunk);
    }) as typeof near.stream.write;
    const packet = 1_400;
    const data = randomBytes(packet * 3_000);
    const received = readAll(destination);
    for (let at = 0; at < data.length; at += packet) {
      customer.write(data.subarray(at, at + packet));
      // One packet at a time, as from a VPN.
      await nextTurn();
    }
    customer.end();
    destination.end();
    expect(sha256(await received)).toBe(sha256(data));
    await bothClosed;
    expect(sent.length).toBeLessThan(data.length / packet / 2);
  });
});

/** Waits until a condition that other events bring about holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** Resolves on `close` with whether it came from an error; unlike `once`, an error before it is no failure. */
function closing(stream: Duplex): Promise<boolean> {
  return new Promise((resolve) => stream.once('close', (hadError: boolean) => resolve(hadError)));
}
