import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dial } from './clients/dial.ts';
import { authorizationField, basic, RawHttp } from './clients/raw-http.ts';
import { socks5 } from './clients/socks-client.ts';
import { SocksUdp } from './clients/socks-udp.ts';
import { getThrough, openTunnel } from './clients/tunnelled.ts';
import type { NewConnection } from './harness/api-client.ts';
import { HERE, type Place } from './harness/place.ts';
import { openDescriptors } from './harness/process-facts.ts';
import { cpuSeconds } from './harness/processor-time.ts';
import { until, within } from './harness/until.ts';
import { World, type WorldOptions } from './harness/world.ts';
import { serverFigures } from './load/server-figures.ts';

const DESCRIPTORS = 256;
const CROWD = 1_000;
/** The least that can be set. An idle server needs two thirds of it. */
const MEMORY_MB = 256;
/** A download that waits holds some 150 KiB. */
const MOST_DOWNLOADS = 1_200;
/** More of a download than relay and phone take ahead of its client. */
const DOWNLOAD_BYTES = 400_000;
const DOWNLOADS_AT_ONCE = 16;
const RECOVERY_MS = 5_000;
const CHUNK_EVERY_MS = 20;
/** Of one core, over all the time that the crowd is there. */
const CPU_LIMIT = 0.5;

/** Programs that may have so many descriptors and not one more. */
const scarce: Place = {
  ...HERE,
  spawn: (argv, options) =>
    HERE.spawn(['prlimit', `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`, ...argv], options),
};

let world: World;
const held: (() => void)[] = [];

function inWorld(options: WorldOptions): void {
  beforeAll(async () => {
    world = await World.start(options);
  });
  afterEach(() => {
    for (const end of held.splice(0)) end();
  });
  afterAll(async () => {
    await world.destroy();
  });
}

const web = () => ({ host: '127.0.0.1', port: world.origin.port });
const readiness = async () => {
  const { status, body } = await world.server.api.raw('GET', '/readyz');
  return { ...(JSON.parse(body) as { checks: object; reasons: Record<string, string> }), status };
};

/** A flow that stays, and tells how far it came. */
async function endlessDownload() {
  const client = await openTunnel(world.connection, web());
  client.reader.discard();
  let received = 0;
  // A chunk now and then, so that it does not take the core away from what is measured.
  let pause: NodeJS.Timeout | undefined;
  client.socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    client.socket.pause();
    pause = setTimeout(() => client.socket.resume(), CHUNK_EVERY_MS);
  });
  held.push(() => {
    clearTimeout(pause);
    client.close();
  });
  client.send('GET /endless HTTP/1.1\r\nHost: origin\r\n\r\n');
  return { received: () => received, open: () => !client.socket.destroyed };
}

/** An idle flow. Answers what the proxy said to it. */
async function idleFlow(): Promise<{ readonly status: number; readonly head: string }> {
  const client = await RawHttp.open(world.connection.port);
  held.push(() => client.close());
  return await client.connect(`127.0.0.1:${world.origin.port}`, basic(world.connection));
}

describe('a relay with as many flows as it may have', () => {
  inWorld({ server: { env: { POCKETPROXY_MAX_FLOWS: '8' } } });

  test('refuses new ones in every protocol, keeps those that are open, says so, and recovers', async () => {
    const { server, connection } = world;
    const download = await endlessDownload();
    for (let flow = 1; flow < 8; flow += 1) expect(await idleFlow()).toMatchObject({ status: 200 });

    const before = download.received();
    const refusal = await idleFlow();
    expect(refusal).toMatchObject({ status: 503 });
    expect(refusal.head).toMatch(/^proxy-status: pocketproxy; error=connection_limit_reached/im);
    expect(refusal.head).toMatch(/^retry-after: \d+/im);
    const login = { host: '127.0.0.1', ...connection };
    const { reply, socket } = await socks5(login, 'connect', web());
    socket.destroy();
    expect(reply.code).toBe(1);
    await expect(SocksUdp.open(login)).rejects.toThrow();
    const forwarded = await RawHttp.open(connection.port);
    held.push(() => forwarded.close());
    const host = `127.0.0.1:${world.origin.port}`;
    const credentials = authorizationField(basic(connection));
    forwarded.send(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n${credentials}\r\n`);
    expect((await forwarded.answer()).status).toBe(503);

    await until('the open flow to go on', () => download.received() > before);
    expect(await readiness()).toMatchObject({ status: 503, checks: { capacity: 'failed' } });
    expect((await server.api.raw('GET', '/healthz')).status).toBe(200);
    const { body } = await server.api.raw('GET', '/metrics');
    expect(body).toMatch(/^pocketproxy_overloaded\{reason="flows"\} 1$/m);
    expect(body).toMatch(/^pocketproxy_flows_limit 8$/m);
    expect((await serverFigures(server.api)).refused).toMatchObject({ overloaded: 4 });

    for (const end of held.splice(1)) end();
    await until('the relay to be ready', async () => (await readiness()).status === 200, RECOVERY_MS);
    expect((await getThrough(connection, web())).status).toBe(200);
    expect(download.open()).toBe(true);
  });
});

describe(`a relay that may need ${MEMORY_MB} MB`, () => {
  inWorld({ server: { env: { POCKETPROXY_MAX_MEMORY_MB: String(MEMORY_MB) } } });

  /**
   * A download that waits in the relay for the speed that its connection may have. Of one whose client does not read the kernel
   * would hold more than the relay, up to 4 MB, and its memory for TCP might run out first. Answers what the proxy said to it.
   */
  async function waitingDownload(
    slow: NewConnection,
  ): Promise<{ readonly status: number; readonly head: string }> {
    const client = await RawHttp.open(slow.port);
    // An end of its input alone would leave the rest to be sent at that speed.
    held.push(() => client.socket.resetAndDestroy());
    const answer = await client.connect(`127.0.0.1:${world.origin.port}`, basic(slow));
    client.reader.discard();
    if (answer.status === 200) client.send(`GET /bytes/${DOWNLOAD_BYTES} HTTP/1.1\r\nHost: origin\r\n\r\n`);
    return answer;
  }

  async function memoryFigures() {
    const { body } = await world.server.api.raw('GET', '/metrics');
    const value = (name: string) => Number(new RegExp(`^pocketproxy_${name} (\\S+)$`, 'm').exec(body)?.[1]);
    return {
      used: value('memory_in_use_bytes'),
      limit: value('memory_limit_bytes'),
      short: value('overloaded\\{reason="memory"\\}'),
    };
  }

  test('refuses new flows once downloads hold it, keeps those that are open, and recovers by itself', {
    timeout: 120_000,
  }, async () => {
    const { server, connection } = world;
    const download = await endlessDownload();
    const slow = await world.connect('Slow', { speedLimitMbps: 1 });
    const refusals: Awaited<ReturnType<typeof waitingDownload>>[] = [];
    while (refusals.length === 0 && held.length < MOST_DOWNLOADS) {
      const answers = await Promise.all(
        Array.from({ length: DOWNLOADS_AT_ONCE }, () => waitingDownload(slow)),
      );
      refusals.push(...answers.filter(({ status }) => status !== 200));
    }
    const [refusal] = refusals;
    expect(refusal).toMatchObject({ status: 503 });
    expect(refusal?.head).toMatch(/^proxy-status: pocketproxy; error=connection_limit_reached/im);
    expect(refusal?.head).toMatch(/^retry-after: \d+/im);
    const { reply, socket } = await socks5({ host: '127.0.0.1', ...connection }, 'connect', web());
    socket.destroy();
    expect(reply.code).toBe(1);

    const received = download.received();
    await until('the open flow to go on', () => download.received() > received);
    expect(await readiness()).toMatchObject({ status: 503, checks: { capacity: 'failed' } });
    const { used, limit, short } = await memoryFigures();
    expect([limit, short]).toEqual([MEMORY_MB * 1024 * 1024, 1]);
    expect(used).toBeGreaterThan(0.9 * limit);
    expect((await serverFigures(server.api)).refused).toMatchObject({ overloaded: refusals.length + 1 });

    for (const end of held.splice(1)) end();
    await until('the relay to be ready', async () => (await readiness()).status === 200, RECOVERY_MS);
    expect((await getThrough(connection, web())).status).toBe(200);
    expect(download.open()).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')(`a server that may have ${DESCRIPTORS} descriptors`, () => {
  inWorld({ server: { place: scarce } });

  test(`meets ${CROWD} clients: keeps its flows and phone, answers for itself, rests, and recovers`, {
    timeout: 90_000,
  }, async () => {
    const { server, connection } = world;
    const { pid } = server.child;
    const download = await endlessDownload();
    const cpuBefore = await cpuSeconds(pid);
    const startedAt = performance.now();
    const answers = new Map<number, number>();
    const count = (status: number): void => void answers.set(status, (answers.get(status) ?? 0) + 1);
    await Promise.all(
      Array.from({ length: CROWD }, async (_, index) => {
        await delay(index * 5);
        // Some that say nothing, which hold their sockets for as long as they are let.
        if (index % 4 === 0) {
          const silent = await RawHttp.open(connection.port).catch(() => null);
          if (silent) held.push(() => silent.close());
        } else
          count(
            await idleFlow().then(
              ({ status }) => status,
              () => 0,
            ),
          );
      }),
    );
    expect(answers.get(200)).toBeGreaterThan(50);
    expect(answers.get(503)).toBeGreaterThan(20);
    expect([...answers.keys()].filter((status) => ![200, 503, 0].includes(status))).toEqual([]);

    expect(await readiness()).toMatchObject({ status: 503, checks: { database: 'ok', capacity: 'failed' } });
    expect((await serverFigures(server.api)).devices).toBe(1);
    expect(await openDescriptors(pid)).toBeLessThan(DESCRIPTORS);
    const received = download.received();
    await until('the open flow to go on', () => download.received() > received);
    await once(AbortSignal.timeout(2_000), 'abort');
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(((await cpuSeconds(pid)) - cpuBefore) / seconds).toBeLessThan(CPU_LIMIT);

    for (const end of held.splice(1)) end();
    await within(
      'new flows to be taken again',
      RECOVERY_MS,
      until('a flow', async () => (await getThrough(connection, web()).catch(() => null))?.status === 200),
    );
    await until('the relay to be ready', async () => (await readiness()).status === 200, RECOVERY_MS);
    expect(download.open()).toBe(true);
  });

  test('whose descriptors strangers at the tunnel port have taken keeps its flows, rests, and recovers', async () => {
    const { server, connection } = world;
    const { pid } = server.child;
    const download = await endlessDownload();
    const cpuBefore = await cpuSeconds(pid);
    const startedAt = performance.now();
    const strangers = await Promise.all(
      Array.from({ length: 2 * DESCRIPTORS }, () => dial({ host: '127.0.0.1', port: server.ports.tunnel })),
    );
    held.push(() => {
      for (const stranger of strangers) stranger.destroy();
    });
    await until('every descriptor to be taken', async () => (await openDescriptors(pid)) >= DESCRIPTORS - 1);
    const received = download.received();
    await once(AbortSignal.timeout(3_000), 'abort');
    expect(download.received()).toBeGreaterThan(received);
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(((await cpuSeconds(pid)) - cpuBefore) / seconds).toBeLessThan(CPU_LIMIT);

    for (const end of held.splice(1)) end();
    await until(
      'a new flow',
      async () => (await getThrough(connection, web()).catch(() => null))?.status === 200,
      RECOVERY_MS,
    );
    expect(download.open()).toBe(true);
  });
});
