import { once } from 'node:events';
import tls from 'node:tls';
import { FakeClock } from '@pocketproxy/runtime';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type TestCertificate, testCertificate } from './testing/certificate.ts';
import {
  eventually,
  type KitOptions,
  ListenerKit,
  proxyAuthorization,
  RawClient,
} from './testing/listener-kit.ts';

const AUTH = proxyAuthorization();

describe('TLS on a connection port', () => {
  let kit: ListenerKit;
  let certificate: TestCertificate;

  beforeAll(async () => {
    certificate = await testCertificate();
  });

  afterEach(() => kit.stop());

  async function start(options: KitOptions = {}): Promise<void> {
    kit = await ListenerKit.start({ secureContext: certificate.secureContext, ...options });
  }

  async function connect(options: tls.ConnectionOptions = {}): Promise<RawClient> {
    const socket = tls.connect({
      port: kit.port,
      host: '127.0.0.1',
      ca: certificate.certificate,
      allowHalfOpen: true,
      ...options,
    } as tls.ConnectionOptions);
    const client = new RawClient(socket);
    await once(socket, 'secureConnect');
    return client;
  }

  async function echo(): Promise<number> {
    return (await kit.tcpOrigin((socket) => socket.pipe(socket))).port;
  }

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('carries CONNECT with early data (%s)', async (version) => {
    await start();
    const port = await echo();
    const client = await connect({ minVersion: version, maxVersion: version });
    client.send(`CONNECT a.test:${port} HTTP/1.1\r\nHost: a.test:${port}\r\n${AUTH}\r\nearly`);
    expect(await client.takeThrough('early')).toBe('HTTP/1.1 200 Connection established\r\n\r\nearly');
    client.socket.end();
    expect(await client.end()).toBe('fin');
    await eventually(() => kit.listeners.clientCount).toBe(0);
  });

  test('does not speak TLS 1.1', async () => {
    await start();
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
    await expect(connect(old)).rejects.toThrow();
    await eventually(() => kit.listeners.clientCount).toBe(0);
  });

  test('carries SOCKS5 and SOCKS4', async () => {
    await start();
    const port = await echo();
    const address = [127, 0, 0, 1];
    const portBytes = [port >> 8, port & 255];
    const five = await connect();
    five.send([
      5,
      1,
      2,
      1,
      4,
      ...Buffer.from('user'),
      6,
      ...Buffer.from('secret'),
      5,
      1,
      0,
      1,
      ...address,
      ...portBytes,
    ]);
    expect((await five.take(14))[5]).toBe(0);
    five.send('ping');
    expect((await five.take(4)).toString()).toBe('ping');
    const four = await connect();
    four.send([4, 1, ...portBytes, ...address, ...Buffer.from('user:secret\0')]);
    expect((await four.take(8))[1]).toBe(0x5a);
  });

  test('keeps the connection after 407, and between requests', async () => {
    await start();
    const { port } = await kit.httpOrigin((_, response) => response.end('ok'));
    const target = `http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n`;
    const client = await connect();
    client.send(`CONNECT a.test:${port} HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`);
    expect((await client.takeAnswer()).status).toBe(407);
    for (let i = 0; i < 3; i += 1) {
      client.send(`GET ${target}${AUTH}\r\n`);
      expect((await client.takeAnswer()).body).toBe('ok');
    }
  });

  test('shows a cut answer as cut', async () => {
    await start();
    const { port } = await kit.tcpOrigin((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\npart'));
    });
    const client = await connect();
    client.send(`GET http://a.test:${port}/ HTTP/1.0\r\nHost: a.test:${port}\r\n${AUTH}\r\n`);
    await client.takeThrough('part');
    [...kit.ingress.flows][0]!.socket.resetAndDestroy();
    expect(await client.end()).toBe('reset');
  });

  test('is refused when the relay has no certificate', async () => {
    await start();
    await kit.stop();
    kit = await ListenerKit.start();
    await expect(connect()).rejects.toThrow();
  });

  test('is refused inside TLS', async () => {
    await start();
    const client = await connect();
    client.send([0x16, 3, 1, 0, 0]);
    await client.end();
    await eventually(() => kit.listeners.clientCount).toBe(0);
  });

  test.each([
    ['a client that says nothing after the handshake', ''],
    ['a client that does not finish its request', 'GET http://a.test/ HT'],
  ])('cuts %s after 10 s', async (_, bytes) => {
    const clock = new FakeClock();
    await start({ clock });
    const client = await connect();
    if (bytes !== '') {
      client.send(bytes);
      const probe = await connect();
      probe.send([5, 1, 2]);
      await probe.take(2);
    }
    clock.advance(9_000);
    expect(kit.listeners.clientCount).toBeGreaterThan(0);
    clock.advance(2_000);
    await client.end();
    clock.advance(3_000);
    await eventually(() => kit.listeners.clientCount).toBe(0);
  });

  test('closes an idle HTTP client after 60 s, and one that began a request 10 s later', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const { port } = await kit.httpOrigin((_, response) => response.end('ok'));
    const get = `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n${AUTH}\r\n`;
    const [idle, slow] = [await connect(), await connect()];
    for (const client of [idle, slow]) {
      client.send(get);
      expect((await client.takeAnswer()).body).toBe('ok');
    }
    const probe = await connect();
    slow.send('GET ht');
    // Served after what the slow client sent was read.
    probe.send(get);
    await probe.takeAnswer();
    clock.advance(11_000);
    expect((await slow.takeAnswer()).status).toBe(408);
    expect(idle.ended).toBeNull();
    clock.advance(50_000);
    await idle.end();
  });

  test('survives clients that vanish in the middle of the handshake', async () => {
    await start();
    const client = await kit.connect();
    client.send([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
    await eventually(() => kit.listeners.clientCount).toBe(1);
    client.socket.resetAndDestroy();
    await eventually(() => kit.listeners.clientCount).toBe(0);
    const nonsense = await kit.connect();
    nonsense.send([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]);
    await nonsense.end();
  });
});
