import { afterEach, describe, expect, test } from 'vitest';
import type { RawHttp } from './clients/raw-http.ts';
import { getThrough, startGet } from './clients/tunnelled.ts';
import { residentBytes } from './harness/process-facts.ts';
import { type TcpSocket, tcpSockets } from './harness/tcp-sockets.ts';
import { inMs, tellFigure } from './harness/tell-figure.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const onLinux = process.platform === 'linux';

describe.skipIf(!onLinux)(`stalled flows${onLinux ? '' : ' (skipped: /proc is needed)'}`, () => {
  const world = useWorld();
  const clients: RawHttp[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await until('the origin to be left', () => world().origin.openConnections === 0);
  });

  /** A client that asks for an endless body and reads none of it. */
  async function stall(): Promise<void> {
    const client = await startGet(
      world().connection,
      { host: '127.0.0.1', port: world().origin.port },
      '/endless',
    );
    client.socket.pause();
    clients.push(client);
  }

  /** Resolves when no more bytes leave the origin. */
  async function standstill(): Promise<void> {
    let [before, quietSince] = [-1, performance.now()];
    await until('the downloads to stand still', () => {
      const now = world().origin.bodyBytesSent;
      if (now !== before) [before, quietSince] = [now, performance.now()];
      return performance.now() - quietSince > 500;
    });
  }

  test('hold at most 256 KiB each on the relay, and as much on the agent', async () => {
    const { origin, connection, server } = world();
    const tunnel = (sockets: readonly TcpSocket[], end: 'localPort' | 'remotePort'): TcpSocket =>
      sockets.find((socket) => socket[end] === server.ports.tunnel)!;
    const before = await tcpSockets();
    await stall();
    await standstill();
    const sockets = await tcpSockets();
    const fromOrigin = sockets.find(({ remotePort }) => remotePort === origin.port)!;
    const toClient = sockets.find(({ localPort }) => localPort === connection.port)!;
    // Frames and TLS records add a little to what passes through the tunnel.
    const sent = tunnel(sockets, 'remotePort').written - tunnel(before, 'remotePort').written;
    const arrived = tunnel(sockets, 'localPort').received - tunnel(before, 'localPort').received;
    const onAgent = fromOrigin.received - fromOrigin.unread - sent;
    const onRelay = arrived - toClient.written;
    tellFigure(6, `${onRelay >> 10} KiB on the relay, ${onAgent >> 10} KiB on the agent`);
    expect(onRelay).toBeGreaterThan(0);
    expect(onRelay).toBeLessThanOrEqual(256 * KIB);
    expect(onAgent).toBeLessThanOrEqual(256 * KIB);
  });

  test('200 of them add at most 100 MB to the relay', async () => {
    const { server, connection, origin } = world();
    for (let warm = 0; warm < 20; warm++)
      await getThrough(connection, { host: '127.0.0.1', port: origin.port });
    const before = await residentBytes(server.child.pid);
    for (let index = 0; index < 200; index++) await stall();
    await standstill();
    const added = (await residentBytes(server.child.pid)) - before;
    tellFigure(6, `200 stalled downloads add ${added >> 20} MiB`);
    expect(added).toBeLessThan(100 * MIB);
  });

  test('50 of them do not delay a new flow by more than 500 ms', async () => {
    const { connection, origin } = world();
    const to = { host: '127.0.0.1', port: origin.port };
    for (let index = 0; index < 50; index++) await stall();
    await standstill();
    const times: number[] = [];
    for (let index = 0; index < 100; index++) {
      const started = performance.now();
      expect((await getThrough(connection, to)).status).toBe(200);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    tellFigure(8, `p99 ${inMs(times[98]!)}`);
    expect(times[98]).toBeLessThan(500);
  });
});
