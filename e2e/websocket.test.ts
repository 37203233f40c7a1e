import { expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { basic } from './clients/raw-http.ts';
import { openTunnel } from './clients/tunnelled.ts';
import { useWorld } from './harness/world.ts';

const world = useWorld();

/** Sends messages of several sizes and resolves with what came back. */
async function converse(url: string, options: ClientOptions): Promise<Buffer[]> {
  const messages = [Buffer.from('hello'), Buffer.alloc(70_000, 'x'), Buffer.alloc(0)];
  const received: Buffer[] = [];
  const socket = new WebSocket(url, options);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The WebSocket was closed')));
    socket.on('open', () => {
      for (const message of messages) socket.send(message);
    });
    socket.on('message', (data) => {
      received.push(data as Buffer);
      if (received.length === messages.length) resolve();
    });
  });
  socket.terminate();
  expect(received).toEqual(messages);
  return received;
}

test('a WebSocket works through CONNECT', async () => {
  const { connection, origin } = world();
  const tunnel = await openTunnel(connection, { host: '127.0.0.1', port: origin.port });
  tunnel.socket.removeAllListeners('data');
  await converse(`ws://127.0.0.1:${origin.port}/chat`, { createConnection: () => tunnel.socket });
  expect(origin.connections).toBe(1);
});

test('a WebSocket works as an upgrade of an absolute-form request', async () => {
  const { connection, origin } = world();
  const url = `http://127.0.0.1:${origin.port}/chat?form=absolute`;
  await converse(`ws://127.0.0.1:${connection.port}/`, {
    headers: { Host: `127.0.0.1:${origin.port}`, 'Proxy-Authorization': basic(connection) },
    finishRequest: (request) => {
      request.path = url;
      request.end();
    },
  });
});
