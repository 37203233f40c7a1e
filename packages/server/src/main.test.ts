import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@pocketproxy/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { DataDirLockedError, lockHolder } from './data-dir-lock.ts';
import { relays } from './db/schema.ts';
import { insertDevice } from './db/test-rows.ts';
import { type RunningServer, startServer } from './main.ts';
import { Users } from './services/users.ts';

const login = { email: 'admin@example.com', password: 'correct horse battery' };
let dataDir: string;
let port: number;
const running: RunningServer[] = [];

// One data directory for all tests: making a database takes longest by far.
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pocketproxy-main-'));
  await chmod(dataDir, 0o711);
  port = await freePort();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});
afterAll(() => rm(dataDir, { recursive: true }));

async function start(settings: Record<string, string> = {}): Promise<RunningServer> {
  const config = loadConfig({
    POCKETPROXY_DATA_DIR: dataDir,
    POCKETPROXY_HTTP_LISTEN: '127.0.0.1:0',
    POCKETPROXY_TUNNEL_LISTEN: '127.0.0.1:0',
    POCKETPROXY_PORT_RANGE: `${port}-${port}`,
    POCKETPROXY_VPN_LISTEN: 'off',
    POCKETPROXY_ADMIN_EMAIL: login.email,
    POCKETPROXY_ADMIN_PASSWORD: login.password,
    ...settings,
  });
  const server = await startServer(config, silentLogger());
  running.push(server);
  return server;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

function isOpen(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** The API as a client sees it. */
async function clientOf(server: RunningServer) {
  const base = `${server.control?.url}/api/v1`;
  const call = async (method: string, path: string, body?: object, token?: string) => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const { body } = await call('POST', '/auth/login', login);
  return (method: string, path: string, json?: object) => call(method, path, json, body.token);
}

describe('the server', () => {
  test('keeps its administrator and its key over a restart, and nobody else can read the key', async () => {
    const first = await start();
    expect(first.firstAdministrator).toEqual(login);
    await running.pop()?.stop();
    const second = await start();
    expect(second.firstAdministrator).toBeNull();
    expect((await (await clientOf(second))('GET', '/auth/me')).body).toMatchObject({
      email: login.email,
      role: 'admin',
    });
    expect((await stat(join(dataDir, 'server.key'))).mode & 0o777).toBe(0o600);
  });

  test('serves an API whose connections work as soon as it has answered', async () => {
    const server = await start();
    const [relay] = await server.database.db.select().from(relays);
    const device = await insertDevice(server.database.db, relay!.id, {
      organizationId: await new Users(server.database.db, server.secrets.loginHash).defaultOrganizationId(),
    });
    const client = await clientOf(server);
    const made = await client('POST', '/connections', { deviceId: device.id });
    expect(made).toMatchObject({ status: 201, body: { port } });
    expect(await isOpen()).toBe(true);
    expect((await client('DELETE', `/connections/${made.body.id}`)).status).toBe(204);
    expect(await isOpen()).toBe(false);
    const code = await client('POST', '/pairing-codes');
    expect(code.body.pairingUrl).toContain(
      `:${relay!.tunnelPort}/pair?code=${code.body.code}&ca=${relay!.caFingerprint}`,
    );
    expect((await fetch(`${server.control?.url}/readyz`)).status).toBe(200);
  });

  test('does not start twice on one data directory', async () => {
    await start();
    const config = loadConfig({ POCKETPROXY_DATA_DIR: dataDir, POCKETPROXY_VPN_LISTEN: 'off' });
    await expect(startServer(config, silentLogger())).rejects.toThrow(DataDirLockedError);
  });

  test.each(['POCKETPROXY_HTTP_LISTEN', 'POCKETPROXY_TUNNEL_LISTEN'])(
    'says which setting to change when the port of %s is taken, and leaves nothing running',
    async (setting) => {
      const blocker = net.createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => blocker.once('listening', resolve));
      const { port: taken } = blocker.address() as AddressInfo;
      await expect(start({ [setting]: `127.0.0.1:${taken}` })).rejects.toThrow(
        `Cannot listen on 127.0.0.1:${taken}: another program has this port. Choose another address with ${setting}.`,
      );
      expect(await lockHolder(dataDir)).toBeNull();
      await new Promise((resolve) => blocker.close(resolve));
      await start();
    },
  );

  test('refuses a database that was set up with another key', async () => {
    await start();
    await running.pop()?.stop();
    await expect(start({ POCKETPROXY_SERVER_KEY: '0'.repeat(64) })).rejects.toThrow('another server key');
  });
});
