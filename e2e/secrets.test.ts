import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ATTEMPTS } from './clients/proxy-attempts.ts';
import { getThrough } from './clients/tunnelled.ts';
import type { NewConnection } from './harness/api-client.ts';
import { callHttp } from './harness/http-call.ts';
import { pairAgent } from './harness/test-agent.ts';
import { useWorld } from './harness/world.ts';

/** As many lines as the harness keeps of each process: with more, some would go unread. */
const KEPT_LINES = 5_000;

describe('after a busy session at the most talkative log level', () => {
  const world = useWorld({
    server: { env: { POCKETPROXY_LOG_LEVEL: 'trace' } },
    agent: { flags: ['--log-level', 'trace'] },
  });
  /** What must be found nowhere, by what it is. */
  const secrets: Record<string, string> = {};
  const pairingLines: string[] = [];

  beforeAll(async () => {
    await people();
    await programs();
    await phones();
    await customers();
  }, 120_000);

  const post = async <T>(path: string, body?: object): Promise<T> =>
    await world().server.api.call<T>('POST', path, body);

  /** Any call, refused or not, with headers of its own. */
  async function raw(method: string, path: string, headers: Record<string, string>, body?: object) {
    const target = { host: '127.0.0.1', port: world().server.ports.http };
    return await callHttp(target, {
      ...{ method, path, body: body && JSON.stringify(body) },
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    });
  }

  const login = (email: string, password: string, more: object = {}) =>
    raw('POST', '/api/v1/auth/login', {}, { email, password, ...more });

  async function people(): Promise<void> {
    const email = 'canary@example.com';
    const user = await post<{ id: string; password: string }>('/users', {
      email,
      name: 'C',
      role: 'operator',
    });
    secrets['generated user password'] = user.password;
    secrets['wrong password'] = 'wrong-canary-4711';
    await login(email, secrets['wrong password']);
    await login(email, user.password, { nonsense: user.password });
    const granted = await login(email, user.password);
    const { token } = JSON.parse(granted.body) as { token: string };
    secrets['bearer token'] = token;
    const cookie = String(granted.headers['set-cookie']?.[0]).split(';')[0]!;
    secrets['session cookie'] = cookie.split('=')[1]!;
    const refreshed = await raw('POST', '/api/v1/auth/refresh', { cookie });
    secrets['refreshed token'] = (JSON.parse(refreshed.body) as { token: string }).token;
    const authorization = `Bearer ${token}`;
    const setup = await raw(
      'POST',
      '/api/v1/auth/two-factor/setup',
      { authorization },
      { password: user.password },
    );
    const factor = JSON.parse(setup.body) as { otpauthUrl: string; backupCodes: string[] };
    secrets['second factor'] = new URL(factor.otpauthUrl).searchParams.get('secret')!;
    secrets['backup code'] = factor.backupCodes[0]!;
    secrets['new password'] = 'chosen-canary-phrase';
    const change = { currentPassword: user.password, newPassword: secrets['new password'] };
    await raw('POST', '/api/v1/auth/password', { authorization }, change);
    const invited = await post<{ token: string }>('/invitations', {
      email: 'b@example.com',
      role: 'operator',
    });
    secrets['invitation token'] = invited.token;
    secrets['password of the invited'] = 'invited-canary-phrase';
    await post('/invitations/accept', { token: invited.token, password: secrets['password of the invited'] });
    await raw('POST', '/api/v1/invitations/accept', {}, { token: invited.token, password: 'x' });
  }

  async function programs(): Promise<void> {
    const { key } = await post<{ key: string }>('/api-keys', { name: 'Canary', scopes: ['devices:read'] });
    secrets['API key'] = key;
    const authorization = `Bearer ${key}`;
    await raw('GET', '/api/v1/devices', { authorization });
    await raw('GET', '/api/v1/connections', { authorization });
    await raw('GET', `/api/v1/devices?token=${key}`, { authorization: `Bearer ${key}x` });
    const channel = {
      type: 'webhook',
      name: 'Hook',
      target: 'https://hooks.example.com/hook',
      events: ['device.offline'],
    };
    secrets['webhook secret'] = (await post<{ secret: string }>('/notification-channels', channel)).secret;
  }

  async function phones(): Promise<void> {
    const { server, agent } = world();
    const made = await server.api.createPairingCode({ name: 'Canary' });
    secrets['pairing code'] = made.code;
    const pairing = pairAgent(made.pairingUrl, join(agent.stateDir, 'other'), undefined, [
      '--log-level',
      'trace',
    ]);
    await pairing.exited;
    pairingLines.push(...pairing.log.lines);
    const link = await post<{ url: string }>('/rotation-links', { deviceId: agent.deviceId, name: 'Canary' });
    secrets['link token'] = link.url.split('/').at(-1)!;
    for (const path of [`/r/${secrets['link token']}`, `/r/${secrets['link token']}x`])
      await raw('GET', path, {});
  }

  async function customers(): Promise<void> {
    const generated = await world().connect('Generated');
    secrets['proxy password'] = generated.password;
    secrets['chosen proxy password'] = 'chosen-proxy-canary';
    const chosen = await world().connect('Chosen', { password: secrets['chosen proxy password'] });
    for (const connection of [generated, chosen]) await everyProtocol(connection);
    await post(`/connections/${generated.id}/password`, { password: 'changed-proxy-canary' });
    secrets['changed proxy password'] = 'changed-proxy-canary';
    await everyProtocol({ ...generated, password: secrets['changed proxy password'] });
    await getThrough(chosen, { host: '127.0.0.1', port: world().origin.port }, '/bytes/1000');
    // Last, because it ends in a block.
    secrets['wrong proxy password'] = 'wrong-proxy-canary';
    await everyProtocol({ ...generated, password: secrets['wrong proxy password'] });
  }

  async function everyProtocol({ port, username, password }: NewConnection): Promise<void> {
    const target = { host: '127.0.0.1', port: world().origin.port };
    const claim = { port, credentials: { username, password } };
    await Promise.all(Object.values(ATTEMPTS).map((attempt) => attempt(claim, target).catch(() => {})));
  }

  /** What of the secrets is in a text; their names, so that a failed test does not print them either. */
  function foundIn(text: string): string[] {
    return Object.keys(secrets).filter((name) => text.includes(secrets[name]!));
  }

  test('no log of server or phone has a secret in it', () => {
    const { server, agent } = world();
    for (const lines of [server.child.log.lines, agent.child.log.lines, pairingLines]) {
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.length).toBeLessThan(KEPT_LINES);
      expect(foundIn(lines.join('\n'))).toEqual([]);
    }
    expect(server.child.log.lines.length).toBeGreaterThan(50);
    expect(Object.values(secrets).filter((text) => text === undefined || text.length < 8)).toEqual([]);
    expect(Object.keys(secrets).length).toBeGreaterThan(15);
  });

  test('neither the database nor any other file of the server has a secret in it', async () => {
    const { server } = world();
    await server.end('SIGTERM');
    // Sessions and their cookies are the database's to know; tokens are signed and kept nowhere.
    const files = await filesIn(server.dataDir);
    expect(files.length).toBeGreaterThan(500);
    let rowsWereSeen = false;
    for (const file of files) {
      const text = (await readFile(file)).toString('latin1');
      rowsWereSeen ||= text.includes('canary@example.com');
      expect(foundIn(text).map((name) => `${name} in ${file}`)).toEqual([]);
    }
    expect(rowsWereSeen).toBe(true);
    await server.launch();
  });
});

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names.map((name) => join(folder, name));
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return paths.filter((_, i) => stats[i]!.isFile());
}
