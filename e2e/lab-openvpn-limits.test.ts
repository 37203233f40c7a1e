import { afterEach, describe, expect, test } from 'vitest';
import type { NewConnection } from './harness/api-client.ts';
import type { Child } from './harness/child.ts';
import { inMs, tellFigure } from './harness/tell-figure.ts';
import { until, within } from './harness/until.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { PLAN } from './lab/network-plan.ts';
import { VPN_UNAVAILABLE, VpnClient } from './lab/vpn-client.ts';

const MIB = 1024 * 1024;
/** How soon a change must be in effect on a live session. */
const IN_EFFECT_MS = 5_000;
const WRONG = /AUTH_FAILED,Wrong or missing credentials/;
/** A reader that was slow itself would find more in its socket for seconds after the reset had come. */
const PACED = { speedLimitMbps: 4 };

describe.skipIf(VPN_UNAVAILABLE)(inTheLab('a limit of a connection, through OpenVPN'), () => {
  const world = useLabWorld({ vpn: true });
  const clients: VpnClient[] = [];
  let downloads = 0;

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.child.kill();
  });

  async function newConnection(fields: object): Promise<NewConnection> {
    const { server, agent } = world();
    return await server.api.createConnection({ deviceId: agent.deviceId, name: 'Limited', ...fields });
  }

  async function connect({ ovpn, username }: NewConnection, password?: string): Promise<VpnClient> {
    const file =
      password === undefined ? ovpn! : ovpn!.replace(/<auth-user-pass>[\s\S]*<\/auth-user-pass>/, '');
    const login = password === undefined ? null : { username, password };
    const client = await VpnClient.start(world().lab.hosts.customer, file, login);
    clients.push(client);
    await client.connected();
    return client;
  }

  /** Begins a download that takes longer than any test; resolves when its first bytes are on their way. */
  async function startDownload(): Promise<Child> {
    const { lab } = world();
    downloads += 1;
    const path = `/bytes/${1024 * MIB}?seed=limits-${downloads}`;
    const curl = lab.hosts.customer.spawn([
      ...['curl', '-sS', '-o', '/dev/null', `http://${PLAN.web.ip4}${path}`],
    ]);
    await until('the download to be under way', async () => {
      return JSON.stringify(await lab.origins('requests')).includes(path);
    });
    return curl;
  }

  /** Ends the session by `change`, in the middle of a download: that ends, too, and the client learns why. */
  async function expectEnd(client: VpnClient, told: RegExp, change: () => Promise<unknown>): Promise<void> {
    const download = await startDownload();
    const restart = client.child.log.waitForNext(/SIGUSR1/, IN_EFFECT_MS + 5_000);
    await change();
    const began = performance.now();
    const exit = await within('the download to end', IN_EFFECT_MS, download.exited);
    expect(exit.code).not.toBe(0);
    await restart;
    tellFigure(16, `an OpenVPN session and its download: ${inMs(performance.now() - began)}`);
    expect(performance.now() - began).toBeLessThan(IN_EFFECT_MS);
    await client.child.log.waitFor(told);
  }

  const api = () => world().server.api;

  test.each<[string, RegExp, (id: string) => Promise<unknown>]>([
    [
      'is disabled',
      /AUTH_FAILED,Connection is disabled/,
      (id) => api().changeConnection(id, { enabled: false }),
    ],
    ['is deleted', WRONG, (id) => api().call('DELETE', `/connections/${id}`)],
    [
      'has its quota lowered below what was used',
      /AUTH_FAILED,Connection has used up its quota/,
      (id) => api().changeConnection(id, { quotaBytes: 1 }),
    ],
  ])('ends session and download within 5 s when the connection %s', async (_how, told, change) => {
    const connection = await newConnection(PACED);
    const client = await connect(connection);
    await expectEnd(client, told, () => change(connection.id));
  });

  test('ends session and download when its time is over, although nobody does anything then', async () => {
    const connection = await newConnection(PACED);
    const client = await connect(connection);
    await expectEnd(client, /AUTH_FAILED,Connection has expired/, async () => {
      const expiresAt = Date.now() + 3_000;
      await api().changeConnection(connection.id, { expiresAt: new Date(expiresAt).toISOString() });
      await until('the time to be over', () => Date.now() >= expiresAt);
    });
  });

  test('ends session and download of an address that leaves the allowlist', async () => {
    const connection = await newConnection({ ...PACED, allowlist: [PLAN.customer.ip4] });
    const client = await connect(connection, 'not needed');
    const change = () => api().changeConnection(connection.id, { allowlist: ['198.51.100.1'] });
    await expectEnd(client, WRONG, change);
  });

  test('of bytes is passed by at most 4 MiB by fifty flows, and the client is told', async () => {
    const quotaBytes = 30 * MIB;
    const connection = await newConnection({ quotaBytes });
    const client = await connect(connection);
    const urls = `http://${PLAN.web.ip4}/bytes/${MIB}?seed=quota-[1-50]`;
    const curl = ['curl', '-sS', '--parallel', '--parallel-max', '50', '-o', '/dev/null', urls];
    world().lab.hosts.customer.spawn(curl);
    await client.child.log.waitFor(/AUTH_FAILED,Connection has used up its quota/, 30_000);
    const used = async () => (await api().connection(connection.id)).usedBytes;
    await until('what was used to be stored', async () => (await used()) >= quotaBytes);
    const passedBy = (await used()) - quotaBytes;
    tellFigure(19, `fifty flows through OpenVPN pass their quota by ${passedBy >> 10} KiB`);
    expect(passedBy).toBeLessThan(4 * MIB);
  });

  test('of speed holds down and up', async () => {
    await connect(await newConnection({ speedLimitMbps: 20 }));
    const { customer } = world().lab.hosts;
    const down = (bytes: number) => `curl -sS -o /dev/null http://${PLAN.web.ip4}/bytes/${bytes}`;
    const up = (bytes: number) => `head -c ${bytes} /dev/zero | curl -sS -T - http://${PLAN.web.ip4}/upload`;
    for (const transfer of [down, up]) {
      // What may come at once is used up first.
      await customer.run(['sh', '-c', transfer(2 * MIB)]);
      const began = performance.now();
      await customer.run(['sh', '-c', transfer(6 * MIB)]);
      const mbps = (6 * MIB * 8) / 1000 / (performance.now() - began);
      expect(mbps / 20).toBeLessThan(1.05);
      // Other tests may take their part of the machine.
      expect(mbps / 20).toBeGreaterThan(0.5);
    }
  });
});
