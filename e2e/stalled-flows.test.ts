import { afterEach, describe, expect, test } from 'vitest';
import type { RawHttp } from './clients/raw-http.ts';
import { getThrough, startGet } from './clients/tunnelled.ts';
import { residentBytes } from './harness/process-facts.ts';
import { tcpSockets } from './harness/tcp-sockets.ts';
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

  test('hold at most 256 KiB each in relay and agent, beside the chunk that the agent has in hand', async () => {
    const { origin, connection } = world();
    await stall();
    await standstill();
    const sockets = await tcpSockets();
    const agentSide = sockets.find(({ remotePort }) => remotePort === origin.port)!;
    const clientSide = sockets.find(({ localPort }) => localPort === connection.port)!;
    const held = agentSide.received - agentSide.unread - clientSide.written;
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThanOrEqual((256 + 64) * KIB);
  });

  test('200 of them add at most 100 MB to the relay', async () => {
    const { server, connection, origin } = world();
    for (let warm = 0; warm < 20; warm++)
      await getThrough(connection, { host: '127.0.0.1', port: origin.port });
    const before = await residentBytes(server.child.pid);
    for (let index = 0; index < 200; index++) await stall();
    await standstill();
    const added = (await residentBytes(server.child.pid)) - before;
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
    expect(times[98]).toBeLessThan(500);
  });
});
