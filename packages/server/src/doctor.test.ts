import { mkdtemp, rm } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { DataDirLock } from './data-dir-lock.ts';
import { runDoctor } from './doctor.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pocketproxy-doctor-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function findings(settings: Record<string, string> = {}) {
  const config = loadConfig({
    POCKETPROXY_DATA_DIR: dataDir,
    POCKETPROXY_HTTP_LISTEN: '127.0.0.1:0',
    POCKETPROXY_TUNNEL_LISTEN: '127.0.0.1:0',
    POCKETPROXY_PORT_RANGE: '20000-20010',
    POCKETPROXY_VPN_LISTEN: 'off',
    ...settings,
  });
  return await runDoctor(config);
}

test('finds nothing bad on a machine that can run the server', async () => {
  expect((await findings()).filter(({ state }) => state === 'bad')).toEqual([]);
});

test('names the setting that moves a service away from a port that is taken', async () => {
  const blocker = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  const { port } = blocker.address() as AddressInfo;
  const bad = (await findings({ POCKETPROXY_TUNNEL_LISTEN: `127.0.0.1:${port}` })).filter(
    (f) => f.state === 'bad',
  );
  expect(bad).toEqual([
    {
      state: 'bad',
      what: 'port',
      detail: `127.0.0.1:${port} cannot be opened: EADDRINUSE`,
      remedy: 'choose another address with POCKETPROXY_TUNNEL_LISTEN',
    },
  ]);
  await new Promise((resolve) => blocker.close(resolve));
});

test('does not take the ports of the server that runs for trouble', async () => {
  const lock = await DataDirLock.acquire(dataDir, 0);
  const found = await findings();
  expect(found.map(({ what }) => what)).not.toContain('port');
  expect(found.find(({ what }) => what === 'data')?.detail).toContain(`process ${process.pid}`);
  lock.release();
});

test('tells of settings that do not exist and of a database that does not answer', async () => {
  const bad = await findings({ POCKETPROXY_ROLES: 'all', DATABASE_URL: 'postgres://127.0.0.1:1/none' });
  expect(bad.find(({ what }) => what === 'settings')).toMatchObject({
    state: 'bad',
    detail: 'there is no POCKETPROXY_ROLES',
  });
  expect(bad.find(({ what }) => what === 'database')).toMatchObject({ state: 'bad' });
});

test('tells that mail is off, and that a mail server does not answer', async () => {
  const mail = async (settings: Record<string, string> = {}) =>
    (await findings(settings)).find(({ what }) => what === 'mail');
  expect(await mail()).toMatchObject({
    state: 'off',
    remedy: expect.stringContaining('POCKETPROXY_SMTP_URL'),
  });
  const settings = { POCKETPROXY_SMTP_URL: 'smtp://127.0.0.1:1', POCKETPROXY_MAIL_FROM: 'a@example.com' };
  expect(await mail(settings)).toMatchObject({
    ...{ state: 'bad', detail: expect.stringContaining('127.0.0.1: The mail server cannot be used') },
  });
});

test('tells what OpenVPN lacks, and how to turn it on', async () => {
  const found = await findings({
    POCKETPROXY_VPN_LISTEN: '127.0.0.1:1194',
    POCKETPROXY_VPN_SUBNET: '127.0.0.0/8',
  });
  expect(found.find(({ what }) => what === 'subnet')).toMatchObject({
    state: 'off',
    detail: expect.stringContaining('127.0.0.0/8 is in use on this host'),
    remedy: expect.stringContaining('POCKETPROXY_VPN_SUBNET'),
  });
});
