import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { TRANSFERS, type Transfer } from './clients/transfers.ts';
import { getThrough } from './clients/tunnelled.ts';
import { ApiError, type NewConnection } from './harness/api-client.ts';
import { rounds } from './harness/effort.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const ROUNDS = rounds(5, 50);
const LISTENING_WITHIN_MS = 5_000;
const PHONES_BACK_WITHIN_MS = 15_000;
/** What takes longer than it may is told with its time, not by giving up. */
const SLOW_MACHINE_MS = 60_000;
/** How much usage a crash may cost. */
const LOST_USAGE_MS = 10_000;
/** Mbit/s of the traffic that goes on meanwhile, so that what may be lost is known. */
const SPEED_MBPS = 40;
const BYTES_PER_MS = (SPEED_MBPS * 125_000) / 1_000;

/** What the API has acknowledged, and must therefore still be true after a crash. */
interface Acknowledged {
  readonly connections: Map<
    string,
    { readonly name: string; readonly port: number; readonly maxFlows: number }
  >;
  /** The last description of the device that was acknowledged, and one whose answer may have been lost. */
  readonly descriptions: { acknowledged: string; attempted: string };
  writes: number;
}

describe('kill -9 of the server at random moments', () => {
  const world = useWorld();

  test(`${ROUNDS} times loses no acknowledged row and little usage`, {
    timeout: 20_000 + ROUNDS * 40_000,
  }, async () => {
    const acknowledged: Acknowledged = {
      connections: new Map(),
      descriptions: { acknowledged: '', attempted: '' },
      writes: 0,
    };
    const busy = await world().connect('Busy', { speedLimitMbps: SPEED_MBPS });
    const figures: { listening: number; back: number }[] = [];
    let received = 0;
    let lost = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const transfer = await startTransfer(busy);
      const writing = new AbortController();
      const writers = [0, 1, 2].map((writer) => write(acknowledged, `${round}.${writer}`, writing.signal));
      // The moment is the point: anywhere in flushes, heartbeats and writes.
      await delay(500 + Math.random() * 5_000);
      await world().server.end('SIGKILL');
      writing.abort();
      await Promise.all(writers);
      await transfer.ended;
      received += transfer.received;
      figures.push(await relaunch(busy));
      await expectAcknowledged(acknowledged);
      lost = await expectUsage(busy, received, lost);
    }
    const [listening, back] = (['listening', 'back'] as const).map((of) =>
      figures.map((figure) => figure[of]).sort((a, b) => a - b),
    ) as [number[], number[]];
    const backP95 = back[Math.ceil(back.length * 0.95) - 1]!;
    console.log(
      `after kill -9: listening after ${listening.at(-1)} ms at most, phone back after ${backP95} ms (p95)`,
    );
    expect(listening.at(-1)).toBeLessThan(LISTENING_WITHIN_MS);
    expect(backP95).toBeLessThan(PHONES_BACK_WITHIN_MS);
    expect(acknowledged.writes).toBeGreaterThan(5 * ROUNDS);
  });

  async function startTransfer(connection: NewConnection): Promise<Transfer> {
    const web = { host: '127.0.0.1', port: world().origin.port };
    return await TRANSFERS['HTTP CONNECT']!(connection, { web, udp: web });
  }

  /** Makes, changes and deletes without a pause until the server is gone. */
  async function write(acknowledged: Acknowledged, writer: string, signal: AbortSignal): Promise<void> {
    const { server, agent } = world();
    for (let i = 0; !signal.aborted; i += 1) {
      const name = `${writer}.${i}`;
      try {
        const { id, port } = await server.api.createConnection({ deviceId: agent.deviceId, name });
        acknowledged.connections.set(id, { name, port, maxFlows: 0 });
        const maxFlows = 1 + i;
        // While the answer is under way, either value may be the one that is stored.
        acknowledged.connections.delete(id);
        await server.api.changeConnection(id, { maxFlows });
        acknowledged.connections.set(id, { name, port, maxFlows });
        acknowledged.writes += 1;
        if (writer.endsWith('.0')) {
          const description = randomBytes(8).toString('hex');
          acknowledged.descriptions.attempted = description;
          await server.api.changeDevice(agent.deviceId, { description });
          acknowledged.descriptions.acknowledged = description;
        }
        if (acknowledged.connections.size <= 20) continue;
        const [oldest] = acknowledged.connections.keys();
        acknowledged.connections.delete(oldest!);
        await server.api.call('DELETE', `/connections/${oldest}`);
      } catch (error) {
        if (error instanceof ApiError) throw error;
        return;
      }
    }
  }

  async function relaunch(connection: NewConnection): Promise<{ listening: number; back: number }> {
    const begin = performance.now();
    const { server } = world();
    // The launch goes on to log in, which is not what is measured.
    const ready = until('the server to be ready', () => server.api.isReady(), SLOW_MACHINE_MS);
    const [readyAt] = await Promise.all([ready.then(() => performance.now()), server.launch()]);
    const listening = Math.round(readyAt - begin);
    const web = { host: '127.0.0.1', port: world().origin.port };
    await until(
      'traffic to flow again',
      () =>
        getThrough(connection, web, '/bytes/1').then(
          () => true,
          () => false,
        ),
      SLOW_MACHINE_MS,
    );
    const back = Math.round(performance.now() - begin);
    return { listening, back };
  }

  async function expectAcknowledged({ connections, descriptions }: Acknowledged): Promise<void> {
    const { server, agent } = world();
    const { items } = await server.api.call<{ items: (NewConnection & { maxFlows: number })[] }>(
      'GET',
      '/connections?limit=500',
    );
    const stored = new Map(items.map((item) => [item.id, item]));
    for (const [id, expected] of connections) expect(stored.get(id), expected.name).toMatchObject(expected);
    const { description } = await server.api.call<{ description: string }>(
      'GET',
      `/devices/${agent.deviceId}`,
    );
    expect(Object.values(descriptions)).toContain(description);
    // What was made although its answer was lost would use up the ports.
    const strays = items.filter(({ id, name }) => !connections.has(id) && /^\d+\.\d+\.\d+$/.test(name));
    for (const { id } of strays) await server.api.call('DELETE', `/connections/${id}`);
  }

  /**
   * The same number three times over: what the client got, what the hours say, and what the quota counts. Answers what
   * was lost so far, which this crash may have added to.
   */
  async function expectUsage(connection: NewConnection, received: number, before: number): Promise<number> {
    const { server } = world();
    const { up, down } = await server.api.bandwidth(connection.id);
    const lost = received - down;
    expect(lost - before).toBeLessThan(LOST_USAGE_MS * BYTES_PER_MS);
    // What was on its way to the client when the server died was counted and did not arrive.
    expect(lost - before).toBeGreaterThan(-4 * 1024 * 1024);
    expect((await server.api.connection(connection.id)).usedBytes).toBe(up + down);
    return lost;
  }
});
