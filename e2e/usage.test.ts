import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, RawHttp } from './clients/raw-http.ts';
import { SocksUdp } from './clients/socks-udp.ts';
import { getThrough, openTunnel } from './clients/tunnelled.ts';
import type { NewConnection } from './harness/api-client.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';
import { UdpEcho } from './origins/udp-echo.ts';

describe('usage', () => {
  const world = useWorld();
  let echo: UdpEcho;

  beforeAll(async () => {
    echo = await UdpEcho.start();
  });
  afterAll(async () => {
    await echo.close();
  });

  async function expectCounted(connection: NewConnection, up: number, down: number): Promise<void> {
    const counted = await until('the bytes to be in the database', async () => {
      const now = await world().server.api.bandwidth(connection.id);
      return now.up >= up && now.down >= down ? now : null;
    });
    expect(counted).toEqual({ up, down });
    expect((await world().server.api.connection(connection.id)).usedBytes).toBe(up + down);
  }

  test('of TCP is counted once in each direction, to the byte', async () => {
    const connection = await world().connect('TCP');
    const tunnel = await openTunnel(connection, { host: '127.0.0.1', port: world().origin.port });
    const body = 'u'.repeat(700_000);
    const request = `POST /echo HTTP/1.1\r\nHost: o\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    tunnel.send(request);
    const answer = await tunnel.reader.rest();
    tunnel.close();
    expect(answer.length).toBeGreaterThan(body.length);
    await expectCounted(connection, request.length, answer.length);
  });

  test('of absolute-form HTTP is what the origin received and sent', async () => {
    const connection = await world().connect('HTTP');
    const client = await RawHttp.open(connection.port);
    const { host } = new URL(world().origin.url());
    const sent = world().origin.bytesRead;
    for (let request = 0; request < 3; request++) {
      const url = world().origin.url('/bytes/100000');
      client.send(
        `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: ${basic(connection)}\r\n\r\n`,
      );
      expect((await client.answer()).status).toBe(200);
      await client.reader.read(100_000);
    }
    client.close();
    const { up, down } = await until('the bytes to be counted', async () => {
      const now = await world().server.api.bandwidth(connection.id);
      return now.down >= 300_000 && now;
    });
    expect(up).toBe(world().origin.bytesRead - sent);
    expect(down).toBeLessThan(303_000);
  });

  test('of UDP is the payload of datagrams that passed', async () => {
    const connection = await world().connect('UDP');
    const udp = await SocksUdp.open({ host: '127.0.0.1', ...connection });
    for (const length of [1, 500, 1200]) {
      await udp.ask({ host: '127.0.0.1', port: echo.port }, Buffer.alloc(length), 1);
    }
    udp.close();
    await expectCounted(connection, 1701, 1701);
  });

  test('that was stored survives kill -9, and counting goes on', { timeout: 60_000 }, async () => {
    const { server, agent, origin } = world();
    const connection = await world().connect('Survivor');
    const to = { host: '127.0.0.1', port: origin.port };
    await getThrough(connection, to, '/bytes/5000000');
    // Stored within 10 s: that is the most that a crash may cost.
    await until(
      'the first transfer to be stored',
      async () => {
        return (await server.api.bandwidth(connection.id)).down >= 5_000_000;
      },
      10_000,
    );
    const stored = await server.api.bandwidth(connection.id);
    await server.end('SIGKILL');
    await server.launch();
    await agent.online();
    expect(await server.api.bandwidth(connection.id)).toEqual(stored);
    await getThrough(connection, to, '/bytes/1000000');
    await until('the second transfer to be stored', async () => {
      return (await server.api.bandwidth(connection.id)).down >= stored.down + 1_000_000;
    });
    expect((await server.api.bandwidth(connection.id)).down).toBeLessThan(stored.down + 1_001_000);
  });

  test('up to a moment before SIGTERM is stored', { timeout: 60_000 }, async () => {
    const { server, agent, origin } = world();
    const connection = await world().connect('Orderly');
    await getThrough(connection, { host: '127.0.0.1', port: origin.port }, '/bytes/2000000');
    await server.end('SIGTERM');
    await server.launch();
    await agent.online();
    expect((await server.api.bandwidth(connection.id)).down).toBeGreaterThan(2_000_000);
  });
});
