import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { generatedSha256 } from '../origins/generated-bytes.ts';
import { WebOrigin } from '../origins/web-origin.ts';
import { DelayLine } from './delay-line.ts';

let origin: WebOrigin;
let line: DelayLine;

beforeAll(async () => {
  origin = await WebOrigin.start();
});
afterAll(async () => {
  await origin.close();
});
afterEach(async () => {
  await line.close();
});

async function lineTo(port: number): Promise<DelayLine> {
  line = await DelayLine.start({ host: '127.0.0.1', port, oneWayMs: 50 });
  return line;
}

test('an answer takes a round trip longer', async () => {
  await lineTo(origin.port);
  const started = performance.now();
  await (await fetch(`http://127.0.0.1:${line.port}/`)).text();
  expect(performance.now() - started).toBeGreaterThanOrEqual(98);
});

test('a big transfer is whole and far faster than one chunk each round trip', async () => {
  await lineTo(origin.port);
  const started = performance.now();
  const length = 20_000_000;
  const body = await (await fetch(`http://127.0.0.1:${line.port}/bytes/${length}?seed=d`)).bytes();
  const seconds = (performance.now() - started) / 1000;
  expect(createHash('sha256').update(body).digest('hex')).toBe(generatedSha256('d', length));
  // 64 KiB each 100 ms would take 30 s.
  expect(seconds).toBeLessThan(10);
});

test('a narrow line takes the time that its width asks for', async () => {
  const bytesPerMs = 12_500;
  const length = 10_000_000;
  line = await DelayLine.start({ host: '127.0.0.1', port: origin.port, oneWayMs: 50, bytesPerMs });
  const started = performance.now();
  await (await fetch(`http://127.0.0.1:${line.port}/bytes/${length}?seed=n`)).bytes();
  expect(performance.now() - started).toBeGreaterThanOrEqual(length / bytesPerMs + 98);
});

test('the end of one direction leaves the other open, and a reset passes through', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.resume().once('end', () => socket.end('after your end'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await lineTo((server.address() as AddressInfo).port);
  const client = connect({ port: line.port, host: '127.0.0.1', allowHalfOpen: true });
  client.end('bye');
  const [text] = await once(client, 'data');
  expect(String(text)).toBe('after your end');
  const second = connect({ port: line.port, host: '127.0.0.1' });
  second.on('error', () => {});
  const [far] = (await once(server, 'connection')) as [Socket];
  far.resetAndDestroy();
  await once(second, 'close');
  server.close();
});
