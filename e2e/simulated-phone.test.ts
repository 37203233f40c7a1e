import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from './harness/run-command.ts';
import { until } from './harness/until.ts';
import { proxyUrl, useWorld } from './harness/world.ts';

const world = useWorld();
const onLinux = process.platform === 'linux';
const loopback = onLinux ? '' : ' (skipped: only on Linux is all of 127.0.0.0/8 local)';

interface CommandView {
  readonly status: string;
  readonly reason: string | null;
  readonly output: string | null;
}

const device = (call: string) => `/devices/${world().agent.deviceId}/${call}`;
const rotate = (): Promise<{ status: string; reason: string | null; oldIp: string; newIp: string }> =>
  world().server.api.call('POST', device('rotate?waitSeconds=60'));

async function order(type: string, params: object = {}): Promise<CommandView> {
  const { api } = world().server;
  const { id } = await api.call<{ id: string }>('POST', device('commands'), { type, params });
  return await api.call('GET', `/commands/${id}?waitSeconds=60`);
}

/** What a customer is told, and what an origin sees. */
async function exitAddresses(): Promise<readonly string[]> {
  const curl = (url: string) => runCommand(['curl', '-sS', '-x', proxyUrl(world().connection), url]);
  const told = JSON.parse(await curl('http://ip.pocketproxy.internal/')) as { ip: string };
  return [told.ip, await curl(`http://127.0.0.1:${world().origin.port}/ip`)];
}

test.skipIf(!onLinux)(`a rotation changes the address that customers leave with${loopback}`, async () => {
  expect(await exitAddresses()).toEqual(['127.0.0.1', '127.0.0.1']);
  const { newIp, ...rotation } = await rotate();
  expect(rotation).toMatchObject({ status: 'succeeded', oldIp: '127.0.0.1' });
  expect(newIp).not.toBe('127.0.0.1');
  expect(await exitAddresses()).toEqual([newIp, newIp]);
});

test('a rotation ends as the simulated network is told', async () => {
  const faults = join(world().agent.stateDir, 'simulated-faults');
  await world().server.api.changeDevice(world().agent.deviceId, {
    rotationRetries: 0,
    rotationHoldSeconds: 1,
  });
  await writeFile(faults, 'same-address');
  expect(await rotate()).toMatchObject({ status: 'unchanged', reason: 'same_address' });
  await writeFile(faults, 'off-fails');
  expect(await rotate()).toMatchObject({ status: 'failed', reason: 'radio_failed' });
  await writeFile(faults, '');
  expect(await rotate()).toMatchObject({ status: onLinux ? 'succeeded' : 'unchanged' });
});

test('commands are carried out and tell what they did', async () => {
  expect(await order('find_phone', { seconds: 1 })).toMatchObject({
    status: 'succeeded',
    output: expect.stringContaining('rang'),
  });
  expect(await order('wifi_off')).toMatchObject({ status: 'succeeded' });
});

test('the agent restarts in its own process, and the phone comes back', async () => {
  const { child } = world().agent;
  const starts = () => child.log.tail(1_000).split('agent started').length;
  const before = starts();
  expect(await order('restart_agent')).toMatchObject({ status: 'succeeded' });
  await until('the agent to have started again', () => starts() > before);
  await world().agent.online();
  await until('traffic to flow again', async () => (await exitAddresses()).length === 2);
  expect(child.running).toBe(true);
});
