import { Socket } from 'node:net';
import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, test } from 'vitest';
import { HandshakeQueue } from './handshake-queue.ts';

function setUp() {
  const clock = new FakeClock();
  const begun: Socket[] = [];
  const queue = new HandshakeQueue({
    ...{ atOnce: 2, slotMs: 500, waiting: 3, clock },
    begin: (socket) => begun.push(socket),
  });
  const sockets = Array.from({ length: 6 }, () => new Socket());
  const addAll = (count: number): void => {
    for (const [index, socket] of sockets.slice(0, count).entries()) queue.add(socket, String(index));
  };
  return { clock, begun, queue, sockets, addAll };
}

describe('handshakes of a crowd', () => {
  test('begin a few at a time, in the order in which they came', () => {
    const { begun, queue, sockets, addAll } = setUp();
    addAll(4);
    expect(begun).toEqual(sockets.slice(0, 2));
    queue.done('1');
    expect(begun).toEqual(sockets.slice(0, 3));
    queue.done('1');
    expect(begun).toHaveLength(3);
  });

  test('that wait for their peer hold nobody back for longer than their slot', () => {
    const { clock, begun, addAll } = setUp();
    addAll(5);
    clock.advance(499);
    expect(begun).toHaveLength(2);
    clock.advance(1);
    expect(begun).toHaveLength(4);
  });

  test('beyond those that may wait are closed', () => {
    const { sockets, addAll } = setUp();
    addAll(6);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false, false, true]);
  });

  test('whose client goes away make room', async () => {
    const { begun, sockets, addAll } = setUp();
    addAll(4);
    sockets[2]!.destroy();
    sockets[0]!.destroy();
    await expect.poll(() => begun.length).toBe(3);
    expect(begun[2]).toBe(sockets[3]);
  });
});
