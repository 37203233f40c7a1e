import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { NewConnection } from './harness/api-client.ts';
import { descendants } from './harness/process-facts.ts';
import { until } from './harness/until.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { PLAN, PORTS } from './lab/network-plan.ts';
import { TrafficMeter } from './lab/traffic-meter.ts';
import { VPN_UNAVAILABLE, VpnClient, type VpnLogin } from './lab/vpn-client.ts';

const WRONG = /AUTH_FAILED,Wrong or missing credentials/;
/** Six seconds without a sign of life, and the pace of the daemon and of a busy machine; see `client-options.ts`. */
const SILENT_FOR_MS = 15_000;

interface Claim {
  readonly connection: NewConnection;
  /** Instead of the right one. */
  readonly login?: Partial<VpnLogin>;
  readonly told: RegExp;
}

describe.skipIf(VPN_UNAVAILABLE)(inTheLab('authorisation of VPN clients'), () => {
  const world = useLabWorld({ vpn: true });
  const clients: VpnClient[] = [];
  const claims: Record<string, Claim> = {};
  let phone: TrafficMeter;

  beforeAll(async () => {
    if (VPN_UNAVAILABLE) return;
    const { api } = world().server;
    // One for each: wrong passwords block a user for the client's address.
    const make = (fields: object = {}) =>
      api.createConnection({ deviceId: world().agent.deviceId, name: 'Claimed', ...fields });
    const whole = await make();
    claims['a wrong password'] = { connection: await make(), login: { password: 'wrong' }, told: WRONG };
    claims['a password that is a prefix'] = {
      ...{ connection: whole, login: { password: whole.password.slice(0, -1) }, told: WRONG },
    };
    claims['a wrong user name'] = { connection: await make(), login: { username: 'nobody' }, told: WRONG };
    claims['the password of another connection'] = {
      ...{ connection: await make(), login: { password: (await make()).password }, told: WRONG },
    };
    const expiresAt = new Date(Date.now() - 60_000).toISOString();
    claims['a disabled connection'] = {
      ...{ connection: await make({ enabled: false }), told: /AUTH_FAILED,Connection is disabled/ },
    };
    const late = await make();
    await api.changeConnection(late.id, { expiresAt });
    claims['an expired connection'] = { connection: late, told: /AUTH_FAILED,Connection has expired/ };
    const spent = await make();
    await world().lab.hosts.customer.run([
      ...['curl', '-sS', '-o', '/dev/null', '-U', `${spent.username}:${spent.password}`],
      ...['-x', `http://${PLAN.vps.ip4}:${spent.port}`, `http://${PLAN.web.ip4}/bytes/10000`],
    ]);
    await until('its bytes to be stored', async () => (await api.connection(spent.id)).usedBytes > 10_000);
    await api.changeConnection(spent.id, { quotaBytes: 5_000 });
    claims['a spent quota'] = { connection: spent, told: /AUTH_FAILED,Connection has used up its quota/ };
    phone = await TrafficMeter.start(world().lab.hosts.phone, 'rmnet0', []);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.child.kill();
  });

  /** A client beside others of the same host: it takes no routes. */
  async function start(
    connection: NewConnection,
    login: Partial<VpnLogin> | null,
    device: string,
    more = '',
  ) {
    const file = connection.ovpn!.replace(/<auth-user-pass>[\s\S]*<\/auth-user-pass>/, '');
    const { username, password } = connection;
    const flags = ['--route-nopull', '--dev', device];
    const both = login && { username, password, ...login };
    const client = await VpnClient.start(world().lab.hosts.customer, `${file}${more}`, both, flags);
    clients.push(client);
    return client;
  }

  async function openSessions(): Promise<number> {
    const { body } = await world().server.api.raw('GET', '/metrics');
    return Number(/^pocketproxy_vpn_sessions_open (\d+)$/m.exec(body)?.[1]);
  }

  async function expectRefusals(): Promise<void> {
    const refused = Object.values(claims).map(async ({ connection, login = {}, told }, index) => {
      const client = await start(connection, login, `tun${10 + index}`);
      await client.child.log.waitFor(told);
    });
    await Promise.all(refused);
    expect(await openSessions()).toBe(0);
    // A client that was refused has no interface to send anything by.
    const { stdout } = await world().lab.hosts.customer.exec(['ip', '-o', 'link']);
    expect(stdout).not.toMatch(/: tun/);
    expect((await phone.read()).other).toBe(0);
  }

  test('that fails opens no session, and nothing leaves the phone', async () => {
    await expectRefusals();
  });

  test('fails without credentials', async () => {
    const { lab } = world();
    const { certificate, key } = lab.certificates;
    const identity = `<cert>\n${certificate}\n</cert>\n<key>\n${key}\n</key>\n`;
    const client = await start(world().connection, null, 'tun9', identity);
    await client.child.log.waitFor(/VERIFY OK: depth=0/);
    // Another one needs many more packets to be let in: its answer would have come by then.
    const other = await start(world().connection, { password: 'wrong' }, 'tun10');
    await other.child.log.waitFor(WRONG);
    expect(client.child.log.lines.join('\n')).not.toContain('Peer Connection Initiated');
    expect(await openSessions()).toBe(0);
    expect((await phone.read()).other).toBe(0);
  });

  test('fails as well while the database is away', async () => {
    const pids = await postgresPids();
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      const wrong = { connection: world().connection, login: { password: 'wrong' }, told: WRONG };
      const { connection, login, told } = wrong;
      await (await start(connection, login, 'tun10')).child.log.waitFor(told);
      const disabled = claims['a disabled connection']!;
      await (await start(disabled.connection, {}, 'tun11')).child.log.waitFor(disabled.told);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    expect(await openSessions()).toBe(0);
  });

  async function postgresPids(): Promise<number[]> {
    const pids = await descendants(world().server.child.pid);
    const lines = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return pids.filter((_, index) => lines[index]!.includes('postgres'));
  }

  test('is for one address: packets in the name of another client go nowhere', async () => {
    const { customer } = world().lab.hosts;
    const connection = await world().server.api.createConnection({
      ...{ deviceId: world().agent.deviceId, name: 'Impostor' },
    });
    const client = await VpnClient.start(customer, connection.ovpn!, null);
    clients.push(client);
    await client.connected();
    const victim = await start(
      await world().server.api.createConnection({
        ...{ deviceId: world().agent.deviceId, name: 'Victim' },
      }),
      {},
      'tun5',
    );
    await victim.connected();
    const { stdout } = await customer.exec(['ip', '-4', '-o', 'addr', 'show', 'dev', 'tun5']);
    const stolen = / inet ([\d.]+)\//.exec(stdout)![1]!;
    const page = `http://${PLAN.web.ip4}/ip`;
    const curl = (...flags: string[]) => customer.exec(['curl', '-sS', '--max-time', '3', ...flags, page]);
    expect((await curl('--max-time', '20')).stdout).toBe(world().lab.mobile.ip4);
    const left = (await phone.read()).other;
    await customer.ip(`addr del ${stolen}/16 dev tun5`, `addr add ${stolen}/32 dev tun0`);
    expect((await curl('--interface', stolen)).code).not.toBe(0);
    const echo = ['nc', '-u', '-w', '1', '-s', stolen, PLAN.echo.ip4, String(PORTS.udpEcho)];
    expect((await customer.exec(echo, { input: 'impostor' })).stdout).toBe('');
    expect((await phone.read()).other).toBe(left);
  });

  test('ends with a client that falls silent', async () => {
    // Those of other tests were killed.
    await until('their sessions to be over', async () => (await openSessions()) === 0);
    const client = await start(world().connection, {}, 'tun9');
    await client.connected();
    expect(await openSessions()).toBe(1);
    client.child.signal('SIGSTOP');
    await until('its session to be over', async () => (await openSessions()) === 0, SILENT_FOR_MS);
  });

  test('lets nobody in while the database has never been there', { timeout: 120_000 }, async () => {
    const { server, lab } = world();
    await server.end('SIGTERM');
    const without = server.spawn({ DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' });
    try {
      await without.log.waitFor(/ECONNREFUSED|database/i, 60_000);
      const listening = await lab.hosts.vps.exec(['ss', '-Huln', `sport = :${PORTS.openvpn}`]);
      expect(listening.stdout).toBe('');
    } finally {
      await without.kill();
    }
  });
});
