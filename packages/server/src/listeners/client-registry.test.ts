import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { FakeClock } from '@pocketproxy/runtime';
import { beforeEach, describe, expect, test } from 'vitest';
import { Client } from './client.ts';
import { ClientRegistry } from './client-registry.ts';

/** As much of a socket as the registry looks at. */
class FakeSocket extends EventEmitter {
  bytesRead = 0;
  destroyed = false;
  writableEnded = false;

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }

  resetAndDestroy(): void {
    this.destroy();
  }
}

describe('the client registry', () => {
  let clock: FakeClock;
  let registry: ClientRegistry;

  beforeEach(() => {
    clock = new FakeClock();
    registry = new ClientRegistry(clock, 10_000);
  });

  function add(port = 30_000): { client: Client; socket: FakeSocket } {
    const socket = new FakeSocket();
    const client = new Client(socket as unknown as Socket, { port, address: '192.0.2.1' });
    registry.add(client);
    return { client, socket };
  }

  test('cuts a client that has not finished its handshake after 10 s, whatever it sends', () => {
    const { socket } = add();
    for (let second = 0; second < 9; second += 1) {
      clock.advance(1000);
      socket.bytesRead += 1;
    }
    expect(socket.destroyed).toBe(false);
    clock.advance(1500);
    expect(socket.destroyed).toBe(true);
    expect(registry.size).toBe(0);
  });

  test('asks nothing of a client in a joined flow', () => {
    const { client, socket } = add();
    client.deadline = 0;
    clock.advance(3_600_000);
    expect(socket.destroyed).toBe(false);
  });

  test('gives an idle client the time of a handshake from the first byte of its next request', () => {
    const { client, socket } = add();
    socket.bytesRead = 100;
    client.idleAtBytes = 100;
    client.deadline = registry.now() + 60_000;
    clock.advance(30_000);
    socket.bytesRead = 101;
    clock.advance(9_000);
    expect(socket.destroyed).toBe(false);
    clock.advance(2_000);
    expect(socket.destroyed).toBe(true);
  });

  test('lets the protocol answer a client whose time is over', () => {
    const { client, socket } = add();
    let expired = 0;
    client.onExpired(() => {
      expired += 1;
    });
    clock.advance(11_000);
    expect(expired).toBe(1);
    expect(socket.destroyed).toBe(false);
  });

  test('tells a client that its socket is closed, once', () => {
    const { client, socket } = add();
    let closed = 0;
    client.onClosed(() => {
      closed += 1;
    });
    socket.destroy();
    socket.emit('close');
    expect(closed).toBe(1);
  });

  test('closes a client that ends in the middle of a handshake, and keeps one that ends in a flow', () => {
    const shaking = add();
    const joined = add();
    joined.client.deadline = 0;
    shaking.socket.emit('end');
    joined.socket.emit('end');
    expect(shaking.socket.destroyed).toBe(true);
    expect(joined.socket.destroyed).toBe(false);
  });

  test('destroys the clients of one port alone', () => {
    const mine = add(30_000);
    const other = add(30_001);
    registry.destroyPort(30_000);
    expect(mine.socket.destroyed).toBe(true);
    expect(other.socket.destroyed).toBe(false);
  });

  test('drains: idle clients at once, others when they finish', async () => {
    const idle = add();
    const busy = add();
    busy.client.deadline = 0;
    const drained = registry.drain(5_000);
    expect(idle.socket.destroyed).toBe(true);
    expect(busy.socket.destroyed).toBe(false);
    busy.socket.destroy();
    await drained;
  });

  test('drains: those that do not finish are cut', async () => {
    const { client, socket } = add();
    client.deadline = 0;
    const drained = registry.drain(5_000);
    clock.advance(5_000);
    await drained;
    expect(socket.destroyed).toBe(true);
  });
});
