import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FLOW_WINDOW_INITIAL } from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bridge } from './bridge.ts';
import { socketPair, TunnelPair } from './testing/tunnel-pair.ts';

let tunnel: TunnelPair;

beforeEach(async () => {
  tunnel = await TunnelPair.open();
});

afterEach(() => tunnel.close());

/** customer <-> near bridge <-> HTTP/2 <-> far bridge <-> destination, as in the product. */
async function joined() {
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
    bridge(relaySide, near, meter, note('near'));
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
});

/** Waits until a condition that other events bring about holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** Resolves on `close` with whether it came from an error; unlike `once`, an error before it is no failure. */
function closing(stream: Duplex): Promise<boolean> {
  return new Promise((resolve) => stream.once('close', (hadError: boolean) => resolve(hadError)));
}
