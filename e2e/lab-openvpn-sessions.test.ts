import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { NewConnection } from './harness/api-client.ts';
import { until, within } from './harness/until.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { PORTS } from './lab/network-plan.ts';
import { PacketCapture } from './lab/packet-capture.ts';
import { downloadVpnFile, VPN_UNAVAILABLE, VpnClient, type VpnLogin } from './lab/vpn-client.ts';
import { daemonPids } from './lab/vpn-daemon.ts';

const DEVICE = 'pptun-0a420000';
const INSIDE = /^10\.66\.\d+\.\d+$/;

describe.skipIf(VPN_UNAVAILABLE)(inTheLab('sessions of OpenVPN'), () => {
  const world = useLabWorld({ vpn: true });
  const clients: VpnClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.child.kill();
  });

  async function connect(
    login: VpnLogin | null,
    file?: string,
    flags?: readonly string[],
  ): Promise<VpnClient> {
    const text = file ?? (await downloadVpnFile(world().server.api, world().connection));
    const client = await VpnClient.start(world().lab.hosts.customer, text, login, flags);
    clients.push(client);
    return client;
  }

  async function newConnection(name: string, fields: object = {}): Promise<NewConnection> {
    const { server, agent } = world();
    return await server.api.createConnection({ deviceId: agent.deviceId, name, ...fields });
  }

  test('a downloaded file and the password connect, with nothing edited', async () => {
    const file = await downloadVpnFile(world().server.api, world().connection);
    const client = await VpnClient.startUnedited(world().lab.hosts.customer, file, world().connection);
    clients.push(client);
    await client.connected();
    expect(await client.address()).toMatch(INSIDE);
    const log = client.child.log.lines.join('\n');
    expect(log).toMatch(/Control Channel: TLSv1\.3/);
    expect(log).toMatch(/cipher 'AES-256-GCM'/);
    expect((await world().server.api.connection(world().connection.id)) as object).toMatchObject({
      protocols: ['http', 'socks5', 'openvpn'],
    });
  });

  test('the file of the answer that made the connection needs no password', async () => {
    const connection = await newConnection('With password');
    expect(connection.ovpn).toContain(connection.password);
    const client = await connect(null, connection.ovpn!);
    await client.connected();
    expect(await downloadVpnFile(world().server.api, connection)).not.toContain(connection.password);
  });

  test('several clients of one connection have addresses of their own', async () => {
    const first = await connect(world().connection);
    await first.connected();
    const second = await connect(world().connection, undefined, ['--route-nopull', '--dev', 'tun9']);
    await second.connected();
    const { stdout } = await world().lab.hosts.customer.exec([
      'ip',
      '-4',
      '-o',
      'addr',
      'show',
      'dev',
      'tun9',
    ]);
    expect(/ inet ([\d.]+)\//.exec(stdout)?.[1]).not.toBe(await first.address());
  });

  test('twenty clients connect at once, twice, each with an address of its own', async () => {
    const connection = await newConnection('Storm');
    const file = await downloadVpnFile(world().server.api, connection);
    const start = (index: number) =>
      connect(connection, file, ['--route-nopull', '--dev', `tun${100 + index}`]);
    for (let round = 0; round < 2; round += 1) {
      const storm = await Promise.all(Array.from({ length: 20 }, (_, index) => start(index)));
      await Promise.all(storm.map((client) => client.connected(30_000)));
      const { stdout } = await world().lab.hosts.customer.exec(['ip', '-4', '-o', 'addr']);
      const addresses = [...stdout.matchAll(/ tun1\d\d +inet ([\d.]+)\//g)].map(([, address]) => address);
      expect(new Set(addresses).size).toBe(20);
      await Promise.all(storm.map((client) => client.stop()));
    }
  });

  test('a wrong password is told to the client', async () => {
    const { username } = world().connection;
    const client = await connect({ username, password: 'not-the-password' });
    await client.child.log.waitFor(/AUTH_FAILED,Wrong or missing credentials/);
    const stranger = await connect({ username: 'nobody-knows', password: 'not-the-password' });
    await stranger.child.log.waitFor(/AUTH_FAILED,Wrong or missing credentials/);
  });

  test('a wrong tls-crypt key gets no reply at all', async () => {
    const { vps } = world().lab.hosts;
    const foreign = `${world().lab.directory}/foreign`;
    await vps.run(['openvpn', '--genkey', 'tls-crypt-v2-server', `${foreign}.server`]);
    await vps.run([
      'openvpn',
      '--tls-crypt-v2',
      `${foreign}.server`,
      '--genkey',
      'tls-crypt-v2-client',
      `${foreign}.key`,
    ]);
    const key = await readFile(`${foreign}.key`, 'utf8');
    const file = await downloadVpnFile(world().server.api, world().connection);
    const wrong = file.replace(/<tls-crypt-v2>[^<]*/, () => `<tls-crypt-v2>\n${key}`);
    const capture = await PacketCapture.start(vps, 'wan0', `udp port ${PORTS.openvpn}`);
    await connect(world().connection, wrong);
    // Goodbyes to clients of earlier tests are none of its business.
    const ports = (pattern: RegExp) => capture.packets.flatMap((line) => pattern.exec(line)?.[1] ?? []);
    const asked = () => ports(/ IP [\d.]+\.(\d+) > 12\.34\.56\.10\.1194: /);
    await until('the client to have asked three times', () => asked().length >= 3);
    const answered = ports(/ IP 12\.34\.56\.10\.1194 > [\d.]+\.(\d+): /);
    expect(answered.filter((port) => asked().includes(port))).toEqual([]);
    await capture.stop();
  });

  test('a new password ends sessions of the old one', async () => {
    const connection = await newConnection('Changing');
    const client = await connect(null, connection.ovpn!);
    await client.connected();
    const restart = client.child.log.waitForNext(/SIGUSR1/, 30_000);
    restart.catch(() => {});
    const changed = await world().server.api.call<{ ovpn: string }>(
      'POST',
      `/connections/${connection.id}/password`,
    );
    await within('the session to end', 5_000, restart);
    await client.child.log.waitFor(/AUTH_FAILED,Wrong or missing credentials/);
    const again = await connect(null, changed.ovpn);
    await again.connected();
  });

  test('a client waits for a phone that is away, and connects when it is back', async () => {
    const { agent } = world();
    await agent.end('SIGTERM');
    const client = await connect(world().connection);
    await client.child.log.waitFor(/AUTH_FAILED,TEMP.*Phone is offline/, 30_000);
    await agent.launch();
    await client.connected(30_000);
  });

  test('clients are back soon after the relay was killed, and nothing of it stays', {
    timeout: 240_000,
  }, async () => {
    const { server } = world();
    const client = await connect(world().connection);
    await client.connected();
    const [before] = await daemonPids(world().server);
    const again = client.connectedAgain(60_000);
    again.catch(() => {});
    await server.end('SIGKILL');
    await server.launch();
    const ready = performance.now();
    await again;
    // As the server is ready to serve them, or within this time.
    expect(performance.now() - ready).toBeLessThan(10_000);
    const now = await daemonPids(world().server);
    expect(now).toHaveLength(1);
    expect(now).not.toContain(before);
  });

  test('a relay that stops takes daemon and interface with it', { timeout: 180_000 }, async () => {
    const { server, lab } = world();
    await server.end('SIGTERM');
    expect(await daemonPids(world().server)).toEqual([]);
    expect((await lab.hosts.vps.exec(['ip', 'link', 'show', DEVICE])).code).not.toBe(0);
    await server.launch();
    // The server is ready before its daemon is.
    const shown = async () => (await lab.hosts.vps.exec(['ip', 'link', 'show', DEVICE])).code === 0;
    await until('the interface to be back', shown, 30_000);
  });
});
