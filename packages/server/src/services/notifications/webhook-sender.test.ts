import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { refusedSpellings } from '@pocketproxy/protocol/refused-spellings';
import { FakeClock, RealClock } from '@pocketproxy/runtime';
import { afterEach, describe, expect, test } from 'vitest';
import { addressCheck, nameResolution, type Resolve, refusedLiteral } from './checked-lookup.ts';
import { DeliveryError, type Message } from './message.ts';
import { FlippingNameServer } from './testing/name-server.ts';
import { WebhookSender } from './webhook-sender.ts';

const at = new Date('2026-03-01T10:20:30Z');
const message: Message = { id: '0198-id', event: 'device.offline', at, data: { deviceName: 'Bärlin' } };
const key = randomBytes(32);
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver on `host` and what it got. */
async function receiver(answer: RequestListener, host = '127.0.0.1', port = 0) {
  const got: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  servers.push(server);
  return { got, server, port: (server.address() as AddressInfo).port };
}

const ok: RequestListener = (_, response) => void response.writeHead(204).end();

function sender(more: Partial<ConstructorParameters<typeof WebhookSender>[0]> = {}) {
  return new WebhookSender({
    clock: new FakeClock(Date.UTC(2026, 2, 1, 10, 20, 31)),
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    check: addressCheck(true),
    userAgent: 'PocketProxy/test',
    ...more,
  });
}

async function failure(target: string, from = sender(), signal = new AbortController().signal) {
  return await from.send({ type: 'webhook', target, key }, message, signal).then(
    () => null,
    (error: unknown) => {
      if (error instanceof DeliveryError) return error;
      throw error;
    },
  );
}

describe('a webhook', () => {
  test('is signed over id, time and body as Standard Webhooks say', async () => {
    const { got, port } = await receiver(ok);
    expect(await failure(`http://hooks.example:${port}/path?x=1`)).toBeNull();
    const [{ headers, body }] = got as [Received];
    expect(JSON.parse(body)).toEqual({
      ...{ id: '0198-id', type: 'device.offline', at: at.toISOString(), data: { deviceName: 'Bärlin' } },
    });
    expect(headers).toMatchObject({
      ...{ host: `hooks.example:${port}`, 'content-type': 'application/json' },
      ...{ 'user-agent': 'PocketProxy/test', 'webhook-id': '0198-id', 'webhook-timestamp': '1772360431' },
    });
    const signed = `0198-id.1772360431.${body}`;
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  });

  test.each([500, 404, 429])('is not delivered when the answer is %i', async (status) => {
    const { port } = await receiver((_, response) => void response.writeHead(status).end());
    const error = await failure(`http://hooks.example:${port}/`);
    expect([error?.message, error?.permanent]).toEqual([
      `The receiver answered ${status}; expected 200 to 299`,
      false,
    ]);
  });

  test('is given up when the receiver wants no more', async () => {
    const { port } = await receiver((_, response) => void response.writeHead(410).end());
    expect((await failure(`http://hooks.example:${port}/`))?.permanent).toBe(true);
  });

  test('is given up for now by a receiver that never answers, after ten seconds', async () => {
    const clock = new FakeClock();
    const { port } = await receiver(() => clock.advance(10_000));
    const error = await failure(`http://hooks.example:${port}/`, sender({ clock }));
    expect(error?.message).toBe('The receiver did not answer within 10 seconds');
  });

  test('is broken off by its signal', async () => {
    const abort = new AbortController();
    const { port } = await receiver(() => abort.abort());
    expect((await failure(`http://hooks.example:${port}/`, sender(), abort.signal))?.message).toBe(
      'The server was stopped',
    );
  });

  test('reads no more than a little of an endless answer', async () => {
    let written = 0;
    const closed = new Promise<void>((resolve) => {
      void receiver((_, response) => {
        response.on('close', resolve);
        response.writeHead(200);
        const fill = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(1024))) written += 1024;
        };
        response.on('drain', fill);
        fill();
      }).then(async ({ port }) => expect(await failure(`http://hooks.example:${port}/`)).toBeNull());
    });
    await closed;
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  test('says why a receiver cannot be reached', async () => {
    const { server, port } = await receiver(ok);
    server.close();
    await once(server, 'close');
    expect((await failure(`http://hooks.example:${port}/`))?.message).toBe('The host refused the connection');
    const unknown: Resolve = async () => {
      throw Object.assign(new Error('x'), { code: 'ENOTFOUND' });
    };
    expect((await failure('http://hooks.example/', sender({ resolve: unknown })))?.message).toBe(
      'The name of the host is not known',
    );
  });

  test.each([
    ['is no HTTP', 'SSH-2.0-x\r\n', /could not be sent/],
    ['is nothing', '', /without an answer/],
    [
      'switches protocols',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      /./,
    ],
    ['never goes beyond 103', 'HTTP/1.1 103 Early Hints\r\n\r\n', /without an answer/],
  ])('is not delivered when the answer %s', async (_, text, reason) => {
    const rude = createTcpServer((socket) => void socket.on('error', () => {}).end(text));
    rude.listen(0, '127.0.0.1');
    await once(rude, 'listening');
    const error = await failure(`http://hooks.example:${(rude.address() as AddressInfo).port}/`);
    expect(error?.message).toMatch(reason);
    rude.close();
  });
});

describe('webhooks stay out of private networks', () => {
  const strict = addressCheck(false);

  test('in every spelling of an address', async () => {
    const { got, port } = await receiver(ok);
    const spellings = refusedSpellings();
    expect(spellings.length).toBeGreaterThan(200);
    let urls = 0;
    for (const spelling of spellings) {
      const host = spelling.includes(':') && !spelling.startsWith('[') ? `[${spelling}]` : spelling;
      const target = `http://${host}:${port}/`;
      if (!URL.canParse(target)) continue;
      urls += 1;
      const refused = await failure(target, sender({ check: strict, clock: new RealClock() }));
      expect([target, refused === null]).toEqual([target, false]);
    }
    expect(urls).toBeGreaterThan(100);
    expect(got).toEqual([]);
  });

  test('by names that lead there, also when only one of several addresses does', async () => {
    const { got, port } = await receiver(ok);
    for (const addresses of [
      ['127.0.0.1'],
      ['203.0.113.7', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['fd00::1'],
    ]) {
      const resolve: Resolve = async () =>
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      const error = await failure(`http://hooks.example:${port}/`, sender({ check: strict, resolve }));
      expect(error?.message).toMatch(/^The host is refused: /);
    }
    expect(got).toEqual([]);
  });

  test('by a name that has a good address when it is checked and a bad one a moment later', async () => {
    // Of two loopback addresses one plays the public one.
    const check = (address: string) => (address === '127.0.0.2' ? null : 'a loopback address');
    const good = await receiver(ok, '127.0.0.2');
    const bad = await receiver(ok, '127.0.0.1', good.port);
    const names = await FlippingNameServer.start([127, 0, 0, 2], [127, 0, 0, 1]);
    const resolve = nameResolution([names.address]);
    const target = `http://flip.example:${good.port}/`;
    expect(await failure(target, sender({ check, resolve }))).toBeNull();
    expect((await failure(target, sender({ check, resolve })))?.message).toMatch(/^The host is refused/);
    expect([names.asked, good.got.length, bad.got.length]).toEqual([2, 1, 0]);
    names.close();
  });

  test('by a redirect', async () => {
    const secret = await receiver(ok);
    const { port } = await receiver((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${secret.port}/` }).end();
    });
    expect((await failure(`http://hooks.example:${port}/`))?.message).toContain('Redirects are not followed');
    expect(secret.got).toEqual([]);
  });

  test('and localhost is one of them', () => {
    expect(refusedLiteral('localhost', strict)).toBe('a loopback address');
    expect(refusedLiteral('a.localhost', strict)).toBe('a loopback address');
    expect(refusedLiteral('localhost', addressCheck(true))).toBeNull();
    expect(refusedLiteral('hooks.example', strict)).toBeNull();
  });
});
