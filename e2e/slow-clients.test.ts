import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { clientHello } from './clients/client-hello.ts';
import { RawPhone } from './clients/raw-phone.ts';
import { endedByPeer, socketClosed } from './clients/socket-end.ts';
import { getThrough, openTunnel } from './clients/tunnelled.ts';
import { inMs, tellFigure } from './harness/tell-figure.ts';
import { within } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const CUT_AFTER_MS = 10_000;
/** Room for a sweep's interval and a busy machine. */
const TOLERANCE_MS = 3_000;
const ONE_BYTE_CLIENTS = 1000;
const STALLED_HANDSHAKES = 1000;
/** Where they come from; phones come from 127.0.0.1. */
const ELSEWHERE = '127.0.0.2';
const FLOW_IDLE_MS = 3_000;

/** First bytes of handshakes that never go on, by protocol. */
const BEGINNINGS: Readonly<Record<string, Buffer>> = {
  nothing: Buffer.alloc(0),
  'an HTTP request line': Buffer.from('CONNECT example.com:443 HT'),
  'HTTP fields without an end': Buffer.from('GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nX-A: '),
  'a SOCKS5 greeting cut short': Buffer.from([5, 2, 0]),
  'SOCKS5 credentials cut short': Buffer.from([5, 1, 2, 1, 8, 97]),
  'a SOCKS4 request cut short': Buffer.from([4, 1, 0, 80]),
  'a TLS record header': Buffer.from([22, 3, 1, 2]),
  'a TLS record that promises more': Buffer.concat([
    Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]),
    Buffer.alloc(30),
  ]),
};

describe('clients that do not finish their handshake', () => {
  const world = useWorld({
    server: { env: { POCKETPROXY_FLOW_IDLE_SECONDS: String(FLOW_IDLE_MS / 1000) } },
  });
  const crowd: Socket[] = [];

  afterAll(() => {
    for (const socket of crowd) socket.destroy();
  });

  async function open(port: number, bytes: Uint8Array, localAddress = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    if (bytes.length > 0) socket.write(bytes);
    return socket;
  }

  /** Milliseconds until the relay ends the connection. */
  async function endured(port: number, bytes: Uint8Array): Promise<number> {
    const started = performance.now();
    const socket = await open(port, bytes);
    // A refusal may be sent before the end; the end is what frees the relay.
    await within('the relay to cut', 2 * CUT_AFTER_MS, endedByPeer(socket)).catch(() => {});
    socket.destroy();
    return performance.now() - started;
  }

  // Both wait for time to pass, and do nothing else.
  test.concurrent('are cut at 10 s on proxy ports and on the tunnel port, trickling or not', {
    timeout: 40_000,
  }, async () => {
    const { server, connection } = world();
    const cases = Object.entries(BEGINNINGS).map(([what, bytes]) => ({ what, bytes, port: connection.port }));
    cases.push({
      what: 'a TLS record header on the tunnel port',
      bytes: BEGINNINGS['a TLS record header']!,
      port: server.ports.tunnel,
    });
    cases.push({ what: 'nothing on the tunnel port', bytes: Buffer.alloc(0), port: server.ports.tunnel });
    const times = await Promise.all([
      ...cases.map(async ({ what, bytes, port }) => ({ what, ms: await endured(port, bytes) })),
      trickle(connection.port).then((ms) => ({ what: 'a byte every second', ms })),
    ]);
    const cutAfter = times.map(({ ms }) => ms);
    tellFigure(9, `cut after ${inMs(Math.min(...cutAfter))} to ${inMs(Math.max(...cutAfter))}`);
    for (const { what, ms } of times) {
      expect(ms, what).toBeGreaterThan(CUT_AFTER_MS - TOLERANCE_MS);
      expect(ms, what).toBeLessThan(CUT_AFTER_MS + TOLERANCE_MS);
    }
  });

  test.concurrent('and flows that move nothing for as long as is set, are ended; others go on', async () => {
    const { connection, origin } = world();
    const to = { host: '127.0.0.1', port: origin.port };
    const [idle, busy] = [await openTunnel(connection, to), await openTunnel(connection, to)];
    const halfClosed = await openTunnel(connection, to);
    halfClosed.socket.end('GET /endless HTTP/1.1\r\n');
    const began = performance.now();
    busy.send('GET / HTTP/1.1\r\nX-Slow: ');
    const timer = setInterval(() => busy.send('a'), 500);
    const ends = [idle, halfClosed].map(async ({ socket }) => {
      await within('the relay to end the flow', 3 * FLOW_IDLE_MS, socketClosed(socket));
      return performance.now() - began;
    });
    const [idleFor] = await Promise.all(ends);
    expect(idleFor).toBeGreaterThan(FLOW_IDLE_MS - 500);
    expect(idleFor).toBeLessThan(FLOW_IDLE_MS + TOLERANCE_MS);
    expect(busy.socket.readyState).toBe('open');
    clearInterval(timer);
    busy.close();
  });

  /** A client whose every byte comes in time, but whose head never ends. */
  async function trickle(port: number): Promise<number> {
    const started = performance.now();
    const socket = await open(port, Buffer.from('GET http://example.com/ HTTP/1.1\r\nX-Slow: '));
    const timer = setInterval(() => socket.write('a'), 1000);
    await endedByPeer(socket);
    clearInterval(timer);
    socket.destroy();
    return performance.now() - started;
  }

  test(`${ONE_BYTE_CLIENTS} of them leave honest clients below 1 s (p95)`, async () => {
    const { connection, origin } = world();
    const byte = Buffer.from('G');
    while (crowd.length < ONE_BYTE_CLIENTS) {
      crowd.push(...(await Promise.all(Array.from({ length: 50 }, () => open(connection.port, byte)))));
    }
    expect(crowd.every((socket) => socket.readyState === 'open')).toBe(true);
    const times: number[] = [];
    for (let index = 0; index < 100; index++) {
      const started = performance.now();
      const answer = getThrough(connection, { host: '127.0.0.1', port: origin.port });
      expect((await within('an honest client', 10_000, answer)).status).toBe(200);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    tellFigure(9, `p95 beside ${ONE_BYTE_CLIENTS} one-byte clients ${inMs(times[94]!)}`);
    expect(times[94]).toBeLessThan(1000);
  });

  test.for([
    ['say nothing', '127.0.0.1', async () => Buffer.alloc(0)],
    ['do not go on after their ClientHello', ELSEWHERE, clientHello],
  ] as const)(
    `${STALLED_HANDSHAKES} of them on the tunnel port that %s delay a phone by less than 1 s`,
    async ([what, from, bytes]) => {
      const { server } = world();
      const phone = await RawPhone.pair((await server.api.createPairingCode({ name: from })).pairingUrl);
      const beginning = await bytes();
      const silent = Array.from({ length: STALLED_HANDSHAKES }, () =>
        open(server.ports.tunnel, beginning, from),
      );
      crowd.push(...(await Promise.all(silent)));
      const started = performance.now();
      const tunnel = await phone.openTunnel();
      // The relay is an HTTP/2 client here: its preface tells that it knows the phone.
      await once(tunnel, 'data');
      const tookMs = performance.now() - started;
      tellFigure(9, `a phone beside ${STALLED_HANDSHAKES} that ${what}: ${inMs(tookMs)}`);
      expect(tookMs).toBeLessThan(1000);
      tunnel.destroy();
    },
  );
});
