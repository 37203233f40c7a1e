import type { LiveEvent } from '@pocketproxy/protocol/api';
import { expect, test, vi } from 'vitest';
import { LiveConnection, type LiveSocket } from './live-connection.ts';

const flush = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A connection whose sockets and timers are moved by hand. */
function connect(token: () => Promise<string> = async () => 'token') {
  const opened: { path: string; protocols: string[]; socket: LiveSocket }[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const [events, onGap, renew] = [[] as LiveEvent[], vi.fn(), vi.fn(async () => {})];
  const connection = new LiveConnection({
    ...{ token, renew, onGap, onEvent: (event) => events.push(event), random: () => 1 },
    open: (path, protocols) => {
      const socket: LiveSocket = { onmessage: null, onclose: null, send: vi.fn(), close: vi.fn() };
      opened.push({ path, protocols, socket });
      return socket;
    },
    setTimeout: (run, ms) => timers.push({ run, ms }),
    clearTimeout: () => {},
  });
  const say = (message: object) => opened.at(-1)?.socket.onmessage?.({ data: JSON.stringify(message) });
  return {
    ...{ connection, opened, timers, events, onGap, renew, say },
    ready: (id: string, resumed: boolean) => say({ id, type: 'live.ready', at: '', data: { resumed } }),
    drop: async (code: number) => {
      opened.at(-1)?.socket.onclose?.({ code });
      await flush();
    },
    elapse: async () => {
      timers.at(-1)?.run();
      await flush();
    },
  };
}

test('brings its token as a protocol and is live when the server says so', async () => {
  const { connection, opened, ready } = connect();
  connection.start();
  await flush();
  expect(opened[0]).toMatchObject({ path: '/api/v1/live', protocols: ['pocketproxy.live', 'bearer.token'] });
  expect(connection.state).toBe('connecting');
  ready('e-1', false);
  expect(connection.state).toBe('live');
});

test('comes back and asks for what it has missed', async () => {
  const { connection, opened, ready, say, drop, elapse, onGap, events } = connect();
  connection.start();
  await flush();
  ready('e-1', false);
  say({ id: 'e-2', type: 'device.deleted', at: '', data: { id: 'x' } });
  await drop(1006);
  expect(connection.state).toBe('reconnecting');
  await elapse();
  expect(opened[1]?.path).toBe('/api/v1/live?since=e-2');
  ready('e-3', true);
  expect([connection.state, onGap.mock.calls.length, events.length]).toEqual(['live', 0, 1]);
});

test('has everything read again when the server no longer knows what was missed', async () => {
  const { connection, ready, drop, elapse, onGap } = connect();
  connection.start();
  await flush();
  ready('e-1', false);
  expect(onGap).not.toHaveBeenCalled();
  await drop(4408);
  await elapse();
  ready('f-9', false);
  expect(onGap).toHaveBeenCalledTimes(1);
});

test('gets a new token when the old one counts no more', async () => {
  const { connection, ready, drop, renew } = connect();
  connection.start();
  await flush();
  ready('e-1', false);
  await drop(4401);
  expect(renew).toHaveBeenCalledTimes(1);
});

test('waits longer after each failure, and not longer than a quarter of a minute', async () => {
  const { connection, timers, drop, elapse, ready } = connect();
  connection.start();
  await flush();
  for (let failure = 0; failure < 8; failure += 1) {
    await drop(1006);
    await elapse();
  }
  expect(timers.map(({ ms }) => ms)).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  ready('e-1', false);
  await drop(1006);
  expect(timers.at(-1)?.ms).toBe(500);
});

test('opens nothing after it was stopped, whatever comes late', async () => {
  const { connection, opened, drop, elapse, timers } = connect();
  connection.start();
  await flush();
  await drop(1006);
  connection.stop();
  await elapse();
  expect([opened.length, connection.state, timers.length]).toEqual([1, 'off', 1]);
});

test('has everything read again when what was read is from before the first attempts, which failed', async () => {
  const { connection, ready, drop, elapse, onGap } = connect();
  connection.start();
  await flush();
  await drop(1006);
  await elapse();
  ready('e-1', false);
  expect(onGap).toHaveBeenCalledTimes(1);
});

test('asks once more for what it has missed when it is cut off before that has come', async () => {
  const { connection, opened, ready, drop, elapse } = connect();
  connection.start();
  await flush();
  ready('e-1', false);
  await drop(1006);
  await elapse();
  ready('e-9', true);
  await drop(1006);
  await elapse();
  expect(opened[2]?.path).toBe('/api/v1/live?since=e-1');
});

test('says something now and then, so that a connection whose server is gone is noticed', async () => {
  const { connection, opened, ready, elapse } = connect();
  connection.start();
  await flush();
  ready('e-1', false);
  await elapse();
  await elapse();
  expect(opened[0]?.socket.send).toHaveBeenCalledTimes(2);
});
