import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resetSocket } from './plain-stream.ts';

const server = createServer({ allowHalfOpen: true });
let [ours, theirs]: Socket[] = [];

beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ours = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  [theirs] = (await once(server, 'connection')) as [Socket];
  await once(ours, 'connect');
});

afterEach(() => {
  for (const socket of [ours, theirs]) socket?.destroy();
  server.close();
});

describe('a socket that is reset', () => {
  test.each([
    ['in the moment of its end', async () => {}],
    ['while its end goes out', () => once(ours!, 'prefinish')],
    ['once its end is out', () => once(ours!, 'finish')],
  ])('%s is closed', async (_when, moment) => {
    const reached = moment();
    ours!.end('last words');
    await reached;
    const closed = once(ours!, 'close');
    resetSocket(ours!);
    await closed;
  });

  test('with unsent bytes ends in a failure for its peer', async () => {
    theirs!.pause();
    while (ours!.write(Buffer.alloc(1024 * 1024)));
    ours!.end();
    const failed = once(theirs!, 'error');
    expect(resetSocket(ours!)).toBe(true);
    theirs!.resume();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  });
});
