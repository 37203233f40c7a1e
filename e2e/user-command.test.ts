import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiClient, ApiError } from './harness/api-client.ts';
import { Child } from './harness/child.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const CLI = join(import.meta.dirname, '../packages/server/src/cli.ts');

interface AuditEntry {
  readonly action: string;
  readonly actor: { readonly type: string };
  readonly before: object | null;
  readonly after: object | null;
}

describe('pocketproxy user, while the server runs', () => {
  const world = useWorld();

  async function user(...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
    const env = { POCKETPROXY_DATA_DIR: world().server.dataDir };
    const child = new Child([process.execPath, CLI, 'user', ...args], { name: 'user', env });
    const { code } = await child.exited;
    return { code, output: child.log.lines.join('\n') };
  }

  function client(): ApiClient {
    return new ApiClient({ host: '127.0.0.1', port: world().server.ports.http });
  }

  test('adds people who can log in, and refuses passwords that can be guessed', async () => {
    const weak = await user('add', 'cli@example.com', '--password', 'password1234');
    expect(weak).toMatchObject({ code: 1, output: expect.stringContaining('Too easy to guess') });
    const { code, output } = await user('add', 'cli@example.com', '--role', 'operator');
    expect(code).toBe(0);
    await client().login('cli@example.com', output.split(/\s+/)[1]!);
  });

  test('ends the sessions of whom it disables, in the running server and within seconds', async () => {
    const { output } = await user('add', 'leaves@example.com');
    const api = client();
    await api.login('leaves@example.com', output.split(/\s+/)[1]!);
    await api.call('GET', '/auth/me');
    expect((await user('disable', 'leaves@example.com')).code).toBe(0);
    await until(
      'the session to be over',
      async () => (await api.raw('GET', '/api/v1/auth/me')).status === 401,
      5_000,
    );
    expect((await user('list')).output).toMatch(/leaves@example\.com +operator +disabled/);
  });

  test('turns a second factor off', async () => {
    const { output } = await user('add', 'factor@example.com');
    const password = output.split(/\s+/)[1]!;
    const api = client();
    await api.login('factor@example.com', password);
    await api.call('POST', '/auth/two-factor/setup', { password });
    expect((await user('two-factor', 'off', 'factor@example.com')).code).toBe(0);
    const refused = api.call('POST', '/auth/two-factor/enable', { code: '000000' });
    await expect(refused).rejects.toMatchObject({ code: 'two_factor_not_set_up' });
    expect((await user('two-factor', 'off', 'nobody@example.com')).output).toContain('There is no user');
  });

  test('does not take the last administrator away', async () => {
    const { code, output } = await user('disable', 'admin@lab.example');
    expect(code).toBe(1);
    expect(output).toContain('There must be an administrator left');
  });

  test('is in the audit log, without passwords', async () => {
    const { items } = await world().server.api.call<{ items: AuditEntry[] }>(
      'GET',
      '/audit-log?targetType=user',
    );
    const own = items.filter(({ actor }) => actor.type === 'command_line').reverse();
    expect(own.map(({ action }) => action)).toEqual([
      ...['user.create', 'user.create', 'user.update', 'user.create', 'user.two_factor'],
    ]);
    expect(own[2]).toMatchObject({ before: { disabled: false }, after: { disabled: true } });
  });

  test('says the same to callers of the API whose account is disabled', async () => {
    const { output } = await user('password', 'leaves@example.com');
    const login = client().login('leaves@example.com', output.split(/\s+/)[1]!);
    await expect(login).rejects.toThrow(ApiError);
    await expect(login).rejects.toMatchObject({ code: 'account_disabled' });
  });
});
