import net from 'node:net';
import { FakeClock } from '@pocketproxy/runtime';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually, ListenerKit, proxyAuthorization } from './testing/listener-kit.ts';

const GET_PLAIN = 'GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n';
const GET = Buffer.from(GET_PLAIN.replace('\r\n\r\n', `\r\n${proxyAuthorization()}\r\n`));
const CONNECT = Buffer.from(`CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n${proxyAuthorization()}\r\n`);
/** Greeting, password and request at once. */
const socks5 = (command: number): Buffer =>
  Buffer.from(
    `\x05\x01\x02\x01\x04user\x06secret\x05${String.fromCharCode(command)}\0\x01\x01\x02\x03\x04\0\x50`,
    'latin1',
  );
const SOCKS5 = socks5(1);
const SOCKS5_UDP = socks5(3);

describe('the ports of connections', () => {
  let kit: ListenerKit;

  afterEach(() => kit.stop());

  async function echoing(): Promise<string> {
    const { port } = await kit.tcpOrigin((socket) => socket.pipe(socket));
    return `CONNECT a.test:${port} HTTP/1.1\r\nHost: a.test:${port}\r\n${proxyAuthorization()}\r\n`;
  }

  test('tell that a port is taken', async () => {
    kit = await ListenerKit.start();
    await expect(kit.listeners.open(kit.port)).rejects.toMatchObject({ code: 'port_in_use', port: kit.port });
  });

  test.skipIf(process.getuid?.() === 0)(
    'tell that a port is not ours to open (root may open any)',
    async () => {
      kit = await ListenerKit.start();
      await expect(kit.listeners.open(81)).rejects.toMatchObject({ code: 'port_forbidden' });
    },
  );

  test('tell that an address is not of this host', async () => {
    kit = new ListenerKit({ address: '192.0.2.1' });
    await expect(kit.listeners.open(0)).rejects.toMatchObject({ code: 'address_unavailable' });
  });

  test('close with their clients, and open again', async () => {
    kit = await ListenerKit.start();
    const connect = await echoing();
    const flow = await kit.connect();
    flow.send(connect);
    await flow.takeThrough('\r\n\r\n');
    const waiting = await kit.connect();
    await kit.listeners.close(kit.port);
    await flow.end();
    await waiting.end();
    expect(kit.listeners.clientCount).toBe(0);
    await kit.listeners.close(kit.port);
    expect(await kit.listeners.open(kit.port)).toBe(kit.port);
  });

  test('stay open when their clients are ended', async () => {
    kit = await ListenerKit.start();
    const otherPort = await kit.listeners.open(0);
    const connect = await echoing();
    const [mine, other] = [await kit.connect(), await kit.connect(otherPort)];
    for (const client of [mine, other]) {
      client.send(connect);
      await client.takeThrough('\r\n\r\n');
    }
    kit.listeners.destroyConnection(kit.port);
    expect(await mine.end()).toBe('reset');
    other.send('still here');
    await other.takeThrough('still here');
    await kit.connect();
  });

  test('let flows finish when they drain, and idle clients go at once', async () => {
    kit = await ListenerKit.start();
    const connect = await echoing();
    const flow = await kit.connect();
    flow.send(connect);
    await flow.takeThrough('\r\n\r\n');
    const idle = await kit.connect();
    const drained = kit.listeners.closeAll(60_000);
    await idle.end();
    flow.send('last words');
    await flow.takeThrough('last words');
    await expect(kit.connect()).rejects.toThrow();
    flow.socket.end();
    await drained;
  });

  test('let an HTTP client have the answer it waits for when they drain', async () => {
    kit = await ListenerKit.start();
    let answer: (() => void) | null = null;
    const { port } = await kit.httpOrigin((_, response) => {
      answer = () => response.end('at last');
    });
    const client = await kit.connect();
    client.send(`GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n${proxyAuthorization()}\r\n`);
    await eventually(() => answer).not.toBeNull();
    const drained = kit.listeners.closeAll(60_000);
    answer!();
    expect((await client.takeAnswer()).body).toBe('at last');
    expect(await client.end()).toBe('fin');
    client.socket.end();
    await drained;
  });

  test('let a client read its answer to the end when they drain', async () => {
    kit = await ListenerKit.start();
    const size = 6 * 1024 * 1024;
    const { port } = await kit.httpOrigin((_, response) => response.end(Buffer.alloc(size, 1)));
    const client = await kit.connect();
    client.socket.pause();
    client.send(`GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n${proxyAuthorization()}\r\n`);
    await eventually(() => kit.ingress.flows.size).toBe(1);
    const drained = kit.listeners.closeAll(60_000);
    client.socket.resume();
    expect((await client.takeAnswer()).body).toHaveLength(size);
    expect(await client.end()).toBe('fin');
    client.socket.end();
    await drained;
  });

  test('cut flows that do not finish in time', async () => {
    const clock = new FakeClock();
    kit = await ListenerKit.start({ clock });
    const connect = await echoing();
    const flow = await kit.connect();
    flow.send(connect);
    await flow.takeThrough('\r\n\r\n');
    const drained = kit.listeners.closeAll(5_000);
    clock.advance(5_000);
    expect(await flow.end()).toBe('reset');
    await drained;
  });

  describe('beyond the limit of clients', () => {
    test.each([
      ['CONNECT', CONNECT, 'HTTP/1.1 503 Service Unavailable'],
      ['CONNECT', CONNECT, 'error=connection_limit_reached'],
      ['CONNECT', CONNECT, 'Retry-After: 5'],
      ['HTTP', GET, 'error=connection_limit_reached'],
      ['HTTP without credentials', Buffer.from(GET_PLAIN), 'HTTP/1.1 407 '],
      ['SOCKS5', SOCKS5, '\x05\x02\x01\0\x05\x01\0'],
      ['UDP ASSOCIATE', SOCKS5_UDP, '\x05\x02\x01\0\x05\x01\0'],
      ['SOCKS4', Buffer.from('\x04\x01\0\x50\x01\x02\x03\x04user:secret\0', 'latin1'), '\0\x5b'],
      ['TLS', Buffer.from([0x16, 3, 1]), ''],
    ])('refuse %s in its own way, once the client has said who it is', async (_, bytes, answer) => {
      kit = await ListenerKit.start({ limits: { clients: 1 } });
      const first = await kit.connect();
      await eventually(() => kit.listeners.clientCount).toBe(1);
      const second = await kit.connect();
      second.send(bytes);
      expect(await second.end()).toBe('fin');
      expect(second.received.toString('latin1')).toContain(answer);
      first.socket.destroy();
      second.socket.destroy();
      await eventually(() => kit.listeners.clientCount).toBe(0);
      const third = await kit.connect();
      third.send([5, 1, 2]);
      expect(await third.take(2)).toEqual(Buffer.from([5, 2]));
    });

    test('send clients away that do not say who they are', async () => {
      const clock = new FakeClock();
      kit = await ListenerKit.start({ limits: { clients: 0 }, clock });
      const client = await kit.connect();
      await eventually(() => kit.listeners.clientCount).toBe(1);
      clock.advance(2_000);
      expect(await client.end()).toBe('fin');
      await eventually(() => kit.listeners.clientCount).toBe(0);
    });

    test('close those at once that are far beyond', async () => {
      kit = await ListenerKit.start({ limits: { clients: 0 } });
      const sockets = Array.from({ length: 300 }, () => net.connect(kit.port, '127.0.0.1'));
      let ended = 0;
      for (const socket of sockets) {
        socket.on('error', () => {});
        socket.on('close', () => {
          ended += 1;
        });
      }
      await eventually(() => ended).toBe(300 - 256);
      expect(kit.listeners.clientCount).toBe(256);
      for (const socket of sockets) socket.destroy();
    });
  });

  describe('with clients that do not finish', () => {
    test.each([
      ['nothing', ''],
      ['a part of a request', 'GET http://a.test/ HTTP/1.1\r\nHost: a'],
      ['a part of a SOCKS5 greeting', '\x05'],
      ['a part of a SOCKS4 request', '\x04\x01'],
      ['a part of a TLS handshake', '\x16\x03\x01\x02\x00\x01'],
    ])('cut them after 10 s: %s', async (what, bytes) => {
      const clock = new FakeClock();
      kit = await ListenerKit.start({ clock });
      const client = await kit.connect();
      await eventually(() => kit.listeners.clientCount).toBe(1);
      if (bytes !== '') {
        client.send(bytes);
        // A second client is served after the bytes of the first were read.
        const probe = await kit.connect();
        probe.send([5, 1, 2]);
        await probe.take(2);
        probe.socket.destroy();
        await eventually(() => kit.listeners.clientCount).toBe(1);
      }
      clock.advance(9_500);
      expect(kit.listeners.clientCount).toBe(1);
      clock.advance(1_000);
      await client.end();
      if (what === 'a part of a request') {
        expect(client.received.toString()).toMatch(/^HTTP\/1.1 408 .*\r\nProxy-Status: pocketproxy; /s);
        clock.advance(3_000);
      }
      await eventually(() => kit.listeners.clientCount).toBe(0);
    });

    test('keep idle HTTP clients for 60 s, and then close them', async () => {
      const clock = new FakeClock();
      kit = await ListenerKit.start({ clock });
      const { port } = await kit.httpOrigin((_, response) => response.end('ok'));
      const client = await kit.connect();
      for (let i = 0; i < 2; i += 1) {
        client.send(
          `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n${proxyAuthorization()}\r\n`,
        );
        expect((await client.takeAnswer()).body).toBe('ok');
        clock.advance(50_000);
      }
      // Its origin was not kept that long.
      await eventually(() => kit.ingress.flows.size).toBe(0);
      clock.advance(11_000);
      await client.end();
      await eventually(() => kit.listeners.clientCount).toBe(0);
    });
  });
});
