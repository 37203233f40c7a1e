import { expect, test } from 'vitest';
import { basic, RawHttp } from './clients/raw-http.ts';
import { socketClosed } from './clients/socket-end.ts';
import { getThrough, startGet } from './clients/tunnelled.ts';
import { rounds } from './harness/effort.ts';
import { until, within } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const world = useWorld();
const TRANSFERS = 50;
const ROUNDS = rounds(5, 100);

/** A download in each of the ways that clients have, already under way. */
async function startTransfer(index: number): Promise<RawHttp> {
  const { connection, origin } = world();
  if (index % 2 === 0) {
    const client = await startGet(connection, { host: '127.0.0.1', port: origin.port }, '/endless');
    await client.answer();
    client.reader.discard();
    return client;
  }
  const client = await RawHttp.open(connection.port);
  const url = origin.url('/endless');
  client.send(
    `GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nProxy-Authorization: ${basic(connection)}\r\n\r\n`,
  );
  await client.answer();
  client.reader.discard();
  return client;
}

test(`a killed phone ends ${TRANSFERS} transfers within 1 s, ${ROUNDS} times, and the relay stays up`, {
  timeout: 20_000 + ROUNDS * 10_000,
}, async () => {
  const { server, agent, connection, origin } = world();
  const relay = server.child.pid;
  for (let round = 0; round < ROUNDS; round++) {
    const clients = await Promise.all(Array.from({ length: TRANSFERS }, (_, index) => startTransfer(index)));
    const closed = clients.map(({ socket }) => socketClosed(socket));
    const ended = within('every client to see the end', 1000, Promise.all(closed));
    ended.catch(() => {});
    await agent.end('SIGKILL');
    await ended;
    await until('the origin to be left', () => origin.openConnections === 0);

    const refused = await RawHttp.open(connection.port);
    const answer = await refused.connect(`127.0.0.1:${origin.port}`, basic(connection));
    expect(answer.head).toMatch(/^HTTP\/1.1 503 /);
    expect(answer.head).toMatch(/^Retry-After: \d+\r$/im);
    expect(answer.head).toMatch(/^Proxy-Status: .*destination_unavailable/im);
    refused.close();
    await until('the device to be shown as gone', async () => (await agent.status()) !== 'online');

    agent.launch();
    await agent.online();
    expect(await getThrough(connection, { host: '127.0.0.1', port: origin.port })).toMatchObject({
      status: 200,
    });
  }
  expect(server.child.pid).toBe(relay);
  expect(server.child.running).toBe(true);
});

test('an aborted transfer is a failure for the client, never a short success', async () => {
  const { agent } = world();
  const failures = [];
  for (const index of [0, 1]) {
    const client = await startTransfer(index);
    failures.push(socketClosed(client.socket));
  }
  await agent.end('SIGKILL');
  // `close` says whether the socket had an error, here the RST.
  for (const failed of await Promise.all(failures)) expect(failed).toBe(true);
  agent.launch();
  await agent.online();
});
