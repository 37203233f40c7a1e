import { Socket } from 'node:net';
import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, test } from 'vitest';
import { HandshakeQueue } from './handshake-queue.ts';

/** A socket that counts what it is said to have read. */
class FakeSocket extends Socket {
  override bytesRead = 0;
}

function setUp() {
  const clock = new FakeClock();
  const begun: string[] = [];
  const sockets = new Map<string, FakeSocket>();
  const unread: (() => void)[] = [];
  const nameOf = (socket: Socket) => [...sockets].find(([, each]) => each === socket)![0];
  const queue = new HandshakeQueue({
    ...{ atOnce: 2, slotMs: 200, limitMs: 10_000, waiting: 3, silent: 2, clock },
    begin: (socket) => begun.push(nameOf(socket)),
    afterReading: (then) => unread.push(then),
  });
  /** Sockets that have said nothing. Names begin with the network. */
  const connect = (...names: readonly string[]): void => {
    for (const name of names) {
      sockets.set(name, new FakeSocket());
      queue.add(sockets.get(name)!, { id: name, network: name[0]! });
    }
  };
  const say = (...names: readonly string[]): void => {
    for (const name of names) sockets.get(name)!.bytesRead = 1;
  };
  const come = (...names: readonly string[]): void => {
    for (const name of names) {
      connect(name);
      say(name);
    }
  };
  /** A turn of the event loop. */
  const read = (): void => {
    for (const then of unread.splice(0)) then();
  };
  const closed = () => [...sockets].filter(([, socket]) => socket.destroyed).map(([name]) => name);
  return { clock, begun, queue, sockets, connect, say, come, read, closed };
}

describe('handshakes of a crowd', () => {
  test('begin a few at a time, in the order in which they came', () => {
    const { begun, queue, come, read } = setUp();
    come('a1', 'a2', 'a3', 'a4');
    read();
    expect(begun).toEqual(['a1', 'a2']);
    queue.done('a2');
    expect(begun).toEqual(['a1', 'a2', 'a3']);
    queue.done('a2');
    expect(begun).toHaveLength(3);
  });

  test('that wait for their peer hold nobody back for longer than their slot', () => {
    const { clock, begun, come, read } = setUp();
    come('a1', 'a2', 'a3', 'a4', 'a5');
    read();
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
    const { clock, queue, connect, come, read, closed } = setUp();
    come('a1', 'b1');
    connect('c1');
    queue.done('b1');
    read();
    clock.advance(5_000);
    come('d1');
    clock.advance(4_999);
    expect(closed()).toEqual([]);
    clock.advance(1);
    expect(closed()).toEqual(['a1', 'c1']);
    queue.done('d1');
    clock.advance(60_000);
    expect(closed()).toEqual(['a1', 'c1']);
  });

  test('are closed with the queue, and none of them begins', () => {
    const { begun, queue, connect, come, read, closed } = setUp();
    connect('b1');
    read();
    come('a1', 'a2', 'a3');
    queue.done('a1');
    come('a4');
    queue.clear();
    expect(closed()).toEqual(['b1', 'a2', 'a3', 'a4']);
    expect(begun).toEqual(['b1', 'a1', 'a2', 'a3']);
  });
});

test('nobody reads from a socket before its handshake begins', () => {
  const { sockets, come } = setUp();
  come('a1', 'a2', 'a3');
  for (const socket of sockets.values()) {
    expect(socket.readableFlowing).toBeNull();
    expect(socket.listenerCount('data') + socket.listenerCount('readable')).toBe(0);
  }
});

describe('sockets that say nothing', () => {
  test('give their slot away as soon as that is known', () => {
    const { begun, connect, come, read } = setUp();
    connect('a1', 'a2', 'a3');
    come('b1');
    expect(begun).toEqual(['a1', 'a2']);
    read();
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1']);
  });

  test('go when there are too many, of the network that has most, those first that came first', () => {
    const { connect, read, closed } = setUp();
    connect('b1');
    for (const name of ['a1', 'a2', 'a3']) {
      connect(name);
      read();
    }
    expect(closed()).toEqual(['a1', 'a2']);
  });

  test('stay when they have begun to speak since', () => {
    const { queue, connect, say, read, closed } = setUp();
    connect('a1', 'a2');
    read();
    say('a1');
    connect('a3', 'a4');
    read();
    expect(closed()).toEqual(['a2']);
    queue.done('a1');
    queue.clear();
    expect(closed()).toEqual(['a2', 'a3', 'a4']);
  });
});
