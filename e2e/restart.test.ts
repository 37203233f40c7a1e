import { afterEach, describe, expect, test } from 'vitest';
import { socketClosed } from './clients/socket-end.ts';
import { getThrough, startGet } from './clients/tunnelled.ts';
import { until, within } from './harness/until.ts';
import { useWorld, type World } from './harness/world.ts';

const NEW_FLOWS_WITHIN_MS = 5000;

describe('a restart in the middle of traffic', () => {
  const world = useWorld();

  afterEach(async () => {
    await until('the origin to be left', () => world().origin.openConnections === 0);
  });

  const destination = (): { host: string; port: number } => ({
    host: '127.0.0.1',
    port: world().origin.port,
  });

  /** Ten downloads that never end by themselves; resolves when all have begun, with the promise of their end. */
  async function traffic(): Promise<{ readonly ended: Promise<unknown> }> {
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => startGet(world().connection, destination(), '/endless')),
    );
    await Promise.all(clients.map((client) => client.answer()));
    for (const client of clients) client.reader.discard();
    return { ended: Promise.all(clients.map(({ socket }) => socketClosed(socket))) };
  }

  /** What a customer has in hand still works: device, port, user name and password. */
  async function expectSameIdentity({ server, agent, connection }: World): Promise<void> {
    await until(
      'new flows to work',
      async () => (await getThrough(connection, destination())).status === 200,
      NEW_FLOWS_WITHIN_MS,
    );
    const devices = await server.api.devices();
    expect(devices.map(({ id }) => id)).toEqual([agent.deviceId]);
    expect(await server.api.connection(connection.id)).toMatchObject({
      id: connection.id,
      deviceId: agent.deviceId,
      port: connection.port,
      username: connection.username,
    });
  }

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'of the server by %s keeps everything, and new flows work within 5 s',
    {
      timeout: 60_000,
    },
    async (signal) => {
      const { server } = world();
      const { ended } = await traffic();
      await server.end(signal);
      await within('every client to see the end', 1000, ended);
      await server.launch();
      await expectSameIdentity(world());
    },
  );

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'of the agent by %s keeps everything, and new flows work within 5 s',
    {
      timeout: 60_000,
    },
    async (signal) => {
      const { agent, server } = world();
      const { pid } = server.child;
      const { ended } = await traffic();
      await agent.end(signal);
      await within('every client to see the end', 1000, ended);
      agent.launch();
      await expectSameIdentity(world());
      expect(server.child.pid).toBe(pid);
    },
  );

  test('of both at once comes together again', { timeout: 60_000 }, async () => {
    const { agent, server } = world();
    await Promise.all([server.end('SIGKILL'), agent.end('SIGKILL')]);
    agent.launch();
    await server.launch();
    await agent.online();
    await expectSameIdentity(world());
  });
});
