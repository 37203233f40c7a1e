import { expect, test } from 'vitest';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const world = useWorld();

interface CommandView {
  readonly id: string;
  readonly status: string;
  readonly output: string | null;
  readonly reason: string | null;
}

const order = (type: string, params: object = {}): Promise<CommandView> =>
  world().server.api.call('POST', `/devices/${world().agent.deviceId}/commands`, { type, params });
const command = (id: string, waitSeconds = 0): Promise<CommandView> =>
  world().server.api.call('GET', `/commands/${id}?waitSeconds=${waitSeconds}`);

test('a command reaches a phone that is online at once', async () => {
  const { id } = await order('find_phone', { seconds: 1 });
  expect(await command(id, 20)).toMatchObject({ status: 'succeeded', output: expect.stringMatching(/rang/) });
});

test('a command to rotate ends with its rotation', async () => {
  await world().server.api.changeDevice(world().agent.deviceId, { rotationHoldSeconds: 1 });
  const { id } = await order('rotate_ip');
  expect(await command(id, 60)).toMatchObject({ status: 'succeeded', output: expect.stringMatching(/->/) });
});

test('a command waits for a phone that is away', async () => {
  const { agent } = world();
  await agent.end('SIGTERM');
  await until('the phone to be gone', async () => (await agent.status()) !== 'online');
  const { id } = await order('wifi_on');
  expect(await command(id)).toMatchObject({ status: 'pending' });
  agent.launch();
  expect(await command(id, 30)).toMatchObject({ status: 'succeeded' });
});

test('a command is carried out once, whoever dies meanwhile', { timeout: 90_000 }, async () => {
  const { server } = world();
  const { id } = await order('find_phone', { seconds: 5 });
  const next = await order('wifi_off');
  await until('the command to be sent', async () => (await command(id)).status === 'sent');
  await server.end('SIGKILL');
  await server.launch();
  expect(await command(id, 40)).toMatchObject({
    status: 'succeeded',
    output: expect.stringMatching(/rang for 5 s/),
  });
  expect(await command(next.id, 40)).toMatchObject({ status: 'succeeded' });
});
