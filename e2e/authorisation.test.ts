import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ATTEMPTS, type Claim } from './clients/proxy-attempts.ts';
import { SocksUdp } from './clients/socks-udp.ts';
import { getThrough } from './clients/tunnelled.ts';
import type { NewConnection } from './harness/api-client.ts';
import { descendants } from './harness/process-facts.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';
import { Canary } from './origins/canary.ts';

/** What a refusal looks like in each protocol. */
const DENIED: Readonly<Record<string, RegExp>> = {
  'HTTP CONNECT': /^407$/,
  'absolute-form HTTP': /^407$/,
  'HTTP over TLS': /^407$/,
  SOCKS5: /^auth failure$/,
  SOCKS4a: /^reply 9[123]$/,
  'SOCKS5 UDP': /^auth failure$/,
};
const FORBIDDEN: typeof DENIED = {
  'HTTP CONNECT': /^403$/,
  'absolute-form HTTP': /^403$/,
  'HTTP over TLS': /^403$/,
  SOCKS5: /^reply 2$/,
  SOCKS4a: /^reply 91$/,
  'SOCKS5 UDP': /answered with 2$/,
};

describe('authorisation', () => {
  const world = useWorld();
  let canary: Canary;
  const named: Record<string, NewConnection> = {};

  beforeAll(async () => {
    canary = await Canary.start();
    const { api } = world().server;
    for (const name of ['other', 'disabled', 'expired', 'spent']) named[name] = await world().connect(name);
    const tenant = await api.call<{ id: string }>('POST', '/organizations', { name: 'Another' });
    named.foreign = await world().connect('foreign', { organizationId: tenant.id });
    await api.changeConnection(named.disabled!.id, { enabled: false });
    await api.changeConnection(named.expired!.id, { expiresAt: new Date(Date.now() - 60_000).toISOString() });
    await getThrough(named.spent!, { host: '127.0.0.1', port: world().origin.port }, '/bytes/10000');
    await until(
      'the quota’s bytes to be counted',
      async () => (await api.connection(named.spent!.id)).usedBytes > 10_000,
    );
    await api.changeConnection(named.spent!.id, { quotaBytes: 5000 });
  });

  afterAll(async () => {
    await canary?.close();
  });

  const CLAIMS: Readonly<Record<string, readonly [() => Claim, typeof DENIED]>> = {
    'a wrong password': [() => claimOf('first', { password: 'wrong' }), DENIED],
    'a password that is a prefix': [
      () => claimOf('first', { password: world().connection.password.slice(0, -1) }),
      DENIED,
    ],
    'an empty password': [() => claimOf('first', { password: '' }), DENIED],
    'a wrong user name': [() => claimOf('first', { username: 'nobody' }), DENIED],
    'no credentials': [() => ({ port: world().connection.port, credentials: null }), DENIED],
    'the credentials of another connection': [
      () => claimOf('first', { username: named.other!.username, password: named.other!.password }),
      DENIED,
    ],
    'the credentials of another tenant': [
      () => claimOf('first', { username: named.foreign!.username, password: named.foreign!.password }),
      DENIED,
    ],
    'a disabled connection': [() => claimOf('disabled'), FORBIDDEN],
    'an expired connection': [() => claimOf('expired'), FORBIDDEN],
    'a spent quota': [() => claimOf('spent'), FORBIDDEN],
  };

  function claimOf(name: string, wrong: { username?: string; password?: string } = {}): Claim {
    const { port, username, password } = named[name] ?? world().connection;
    return { port, credentials: { username, password, ...wrong } };
  }

  const target = (): { host: string; port: number } => ({ host: '127.0.0.1', port: canary.port });

  async function expectRefusals(): Promise<void> {
    for (const [what, [claim, refusals]] of Object.entries(CLAIMS)) {
      for (const [protocol, attempt] of Object.entries(ATTEMPTS)) {
        expect(await attempt(claim(), target()), `${what} over ${protocol}`).toMatch(refusals[protocol]!);
      }
    }
    expect(touches()).toEqual({ connections: 0, datagrams: 0, bytes: 0 });
  }

  function touches(): object {
    const { connections, datagrams, bytes } = canary;
    return { connections, datagrams, bytes };
  }

  test('that fails lets not one byte through, over any protocol', async () => {
    await expectRefusals();
  });

  test('fails as well while the database is away', async () => {
    const database = await descendants(world().server.child.pid);
    expect(database.length).toBeGreaterThan(0);
    for (const pid of database) process.kill(pid, 'SIGSTOP');
    try {
      await expectRefusals();
    } finally {
      for (const pid of database) process.kill(pid, 'SIGCONT');
    }
  });

  test('that succeeds reaches the destination over every protocol', async () => {
    // The wrong passwords above have blocked the first connection's user for this client.
    const right = await world().connect('right');
    for (const [protocol, attempt] of Object.entries(ATTEMPTS)) {
      if (protocol === 'SOCKS5 UDP') continue;
      const before = canary.connections;
      const outcome = attempt({ port: right.port, credentials: right }, target());
      // Over absolute-form HTTP the canary owes an answer, so the attempt itself does not end.
      await until(`${protocol} to reach the canary`, () => canary.connections > before);
      if (protocol !== 'absolute-form HTTP') expect(await outcome, protocol).toBe('reached');
    }
    const udp = await SocksUdp.open({ host: '127.0.0.1', ...right });
    udp.send(target(), 'x');
    await until('a datagram to reach the canary', () => canary.datagrams > 0);
    udp.close();
  });

  test('opens no port while the database has never been there', { timeout: 200_000 }, async () => {
    const { server, connection } = world();
    await server.end('SIGTERM');
    const unreachable = server.spawn({ DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' });
    try {
      await unreachable.log.waitFor(/ECONNREFUSED|database/i, 60_000);
      const attempt = ATTEMPTS['HTTP CONNECT']!(claimOf('first'), target());
      await expect(attempt).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      expect(connection.port).toBeGreaterThan(0);
    } finally {
      await unreachable.kill();
    }
    await server.launch();
  });
});
