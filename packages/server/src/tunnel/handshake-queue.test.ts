import { Socket } from 'node:net';
import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, test } from 'vitest';
import { HandshakeQueue } from './handshake-queue.ts';

/** The shortest record that passes for a ClientHello. */
const HELLO = Buffer.from([22, 3, 1, 0, 1, 1]);

function setUp() {
  const clock = new FakeClock();
  const begun: string[] = [];
  const sockets = new Map<string, Socket>();
  const nameOf = (socket: Socket) => [...sockets].find(([, each]) => each === socket)![0];
  const queue = new HandshakeQueue({
    ...{ atOnce: 2, slotMs: 200, limitMs: 10_000, waiting: 3, clock },
    begin: (socket) => begun.push(nameOf(socket)),
  });
  /** Names begin with the network. */
  const connect = (...names: readonly string[]): void => {
    for (const name of names) {
      const socket = new Socket();
      sockets.set(name, socket);
      queue.add(socket, { id: name, network: name[0]! });
    }
  };
  const say = (...names: readonly string[]): void => {
    for (const name of names) if (!sockets.get(name)!.destroyed) sockets.get(name)!.emit('data', HELLO);
  };
  const come = (...names: readonly string[]): void => {
    for (const name of names) {
      connect(name);
      say(name);
    }
  };
  const closed = () => [...sockets].filter(([, socket]) => socket.destroyed).map(([name]) => name);
  return { clock, begun, queue, sockets, connect, say, come, closed };
}

describe('handshakes of a crowd', () => {
  test('begin a few at a time, in the order in which they came', () => {
    const { begun, queue, come } = setUp();
    come('a1', 'a2', 'a3', 'a4');
    expect(begun).toEqual(['a1', 'a2']);
    queue.done('a2');
    expect(begun).toEqual(['a1', 'a2', 'a3']);
    queue.done('a2');
    expect(begun).toHaveLength(3);
  });

  test('that wait for their peer hold nobody back for longer than their slot', () => {
    const { clock, begun, come } = setUp();
    come('a1', 'a2', 'a3', 'a4', 'a5');
    clock.advance(199);
    expect(begun).toHaveLength(2);
    clock.advance(1);
    expect(begun).toHaveLength(4);
  });

  test('whose client goes away make room', async () => {
    const { begun, sockets, come } = setUp();
    come('a1', 'a2', 'a3', 'a4');
    sockets.get('a3')!.destroy();
    sockets.get('a1')!.destroy();
    await expect.poll(() => begun.length).toBe(3);
    expect(begun[2]).toBe('a4');
  });

  test('of networks take turns', () => {
    const { begun, queue, come } = setUp();
    come('a1', 'a2', 'a3', 'a4', 'b1');
    queue.done('a1');
    queue.done('a2');
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1']);
  });

  test('beyond those that may wait are closed, of the network that has most', () => {
    const { begun, queue, come, closed } = setUp();
    come('a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'a6');
    expect(closed()).toEqual(['a4', 'a5', 'a6']);
    for (const id of ['a1', 'a2', 'a3', 'b1']) queue.done(id);
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
  });

  test('are closed when they have not ended after the limit, waiting or begun', () => {
    const { clock, queue, connect, come, closed } = setUp();
    come('a1', 'b1');
    connect('c1');
    clock.advance(5_000);
    come('d1');
    queue.done('b1');
    clock.advance(4_999);
    expect(closed()).toEqual([]);
    clock.advance(1);
    expect(closed()).toEqual(['a1', 'c1']);
    queue.done('d1');
    clock.advance(60_000);
    expect(closed()).toEqual(['a1', 'c1']);
  });

  test('are closed with the queue', () => {
    const { queue, connect, come, closed } = setUp();
    come('a1', 'a2', 'a3');
    queue.done('a1');
    connect('b1');
    queue.clear();
    expect(closed()).toEqual(['a2', 'a3', 'b1']);
  });
});

describe('sockets that say nothing', () => {
  test('take no slot and no place in the line', () => {
    const { begun, connect, say, come } = setUp();
    connect('a1', 'a2', 'a3');
    come('b1');
    expect(begun).toEqual(['b1']);
    say('a2');
    expect(begun).toEqual(['b1', 'a2']);
  });

  test('go when there are too many, those first that came first', () => {
    const { begun, connect, say, closed } = setUp();
    connect('a1', 'a2', 'a3', 'b1', 'a4');
    expect(closed()).toEqual(['a1', 'a2']);
    say('b1');
    expect(begun).toEqual(['b1']);
    connect('a5');
    expect(closed()).toEqual(['a1', 'a2']);
  });
});
