import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { expect, it } from 'vitest';
import type { PathClient } from '../path/client-table.ts';
import { frameDnsMessage } from './message-stream.ts';
import { NameService } from './name-service.ts';
import { serveNamesByTcp } from './tcp-names.ts';

const LABELS = ['ip', 'pocketproxy', 'internal'];
/** Asks for the address of the page that tells the exit address: answered without a phone. */
const QUERY = Buffer.concat([
  Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ...LABELS.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
  Buffer.from([0, 0, 1, 0, 1]),
]);

it('reads no more questions from a client that does not read the answers', async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asking = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [served] = (await once(server, 'connection')) as [Socket];
  asking.on('error', () => {});
  served.on('error', () => {});
  const client = { access: {}, queries: new Set() } as unknown as PathClient;
  const names = new NameService({
    names: { query: () => Promise.reject(new Error('no phone is asked')) },
    ...{ serverAddress: '10.66.0.1', log: silentLogger() },
  });
  serveNamesByTcp(served, client, names, new FakeClock());
  const questions = Buffer.concat(Array.from({ length: 1_500 }, () => frameDnsMessage(QUERY)));
  for (let sent = 0; sent < 400; sent += 1) asking.write(questions);
  await expect.poll(() => served.isPaused() && served.writableNeedDrain, { timeout: 15_000 }).toBe(true);
  expect(served.writableLength).toBeLessThan(512 * 1024);
  // Once it reads, it is served on.
  const readBefore = served.bytesRead;
  asking.resume();
  await expect.poll(() => served.bytesRead, { timeout: 10_000 }).toBeGreaterThan(readBefore + 64 * 1024);
  asking.destroy();
  served.destroy();
  server.close();
}, 30_000);
