import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SteadyReport } from './clients/steady-requests-main.ts';
import type { NewConnection } from './harness/api-client.ts';
import { amount } from './harness/effort.ts';
import { ManyAgents } from './harness/many-agents.ts';
import { within } from './harness/until.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { PLAN } from './lab/network-plan.ts';
import { VPN_UNAVAILABLE, VpnClient } from './lab/vpn-client.ts';

const STEADY = join(import.meta.dirname, 'clients/steady-requests-main.ts');
const PHONES = 50;
/** Clients of the one connection that many use. */
const SHARED = 10;
/** All of them go and come again. */
const STORMS = amount(1, 2);
const EXIT_PAGE = 'http://ip.pocketproxy.internal/';
/** A handshake costs 20 ms of processor time on each side, and all of them happen at once. */
const ALL_CONNECTED_MS = 60_000;
/** Requests through the proxy ports share two cores with 60 clients and all of their handshakes. */
const SLOWEST_REQUEST_MS = 3_000;

interface Member {
  readonly connection: NewConnection;
  readonly device: string;
  readonly interface: string;
}

describe.skipIf(VPN_UNAVAILABLE)(inTheLab('a crowd of OpenVPN clients'), () => {
  const world = useLabWorld({ vpn: true });

  async function steadyRequests() {
    const { connection, lab } = world();
    const { port, username, password } = connection;
    const proxy = JSON.stringify({ host: PLAN.vps.ip4, port, username, password });
    const url = `http://${PLAN.web.ip4}/ip`;
    const child = lab.hosts.customer.spawn([process.execPath, STEADY, proxy, url, lab.mobile.ip4], {
      name: 'customer:steady',
    });
    return async (): Promise<SteadyReport> => {
      child.closeInput();
      await within('the last steady request', 15_000, child.exited);
      return JSON.parse(child.log.lines.at(-1) ?? '') as SteadyReport;
    };
  }

  async function connectAll(members: readonly Member[]): Promise<VpnClient[]> {
    const clients = await Promise.all(
      members.map(({ connection, interface: device }) =>
        VpnClient.start(world().lab.hosts.customer, connection.ovpn!, null, [
          '--route-nopull',
          '--dev',
          device,
        ]),
      ),
    );
    await Promise.all(clients.map((client) => client.connected(ALL_CONNECTED_MS)));
    return clients;
  }

  /** What a member's own interface leads to: which phone, and with which address it reaches the internet. */
  async function exitOf({
    interface: device,
  }: Member): Promise<{ device: string; connection: string; ip: string }> {
    const curl = ['curl', '-sS', '--max-time', '20', '--interface', device];
    const { customer } = world().lab.hosts;
    const page = await customer.run([
      ...curl,
      '--resolve',
      'ip.pocketproxy.internal:80:10.66.0.1',
      EXIT_PAGE,
    ]);
    const ip = await customer.run([...curl, `http://${PLAN.web.ip4}/ip`]);
    return { ...(JSON.parse(page) as { device: string; connection: string }), ip };
  }

  test('fifty on fifty phones and ten on one leave by the right phone, come and go, and disturb no proxy port', {
    timeout: 240_000,
  }, async () => {
    const { server, lab, agent, connection } = world();
    const phones = await ManyAgents.start(server, 'Phone', PHONES, {
      place: lab.hosts.phone,
      settings: { 'egress-interface': 'rmnet0', 'tunnel-interface': 'wlan0' },
    });
    const members: Member[] = [];
    for (const [index, { id, name }] of phones.devices.entries()) {
      const made = await server.api.createConnection({ deviceId: id, name: `Customer ${index + 1}` });
      members.push({ connection: made, device: name, interface: `tun${100 + index}` });
    }
    const { name: ownPhone } = await server.api.device(agent.deviceId);
    for (let index = 0; index < SHARED; index += 1) {
      members.push({ connection, device: ownPhone, interface: `tun${200 + index}` });
    }

    const stopSteady = await steadyRequests();
    let clients = await connectAll(members);
    const exits = await Promise.all(members.map(exitOf));
    expect(exits.map(({ device, connection: name, ip }) => ({ device, name, ip }))).toEqual(
      members.map((member) => ({ device: member.device, name: member.connection.name, ip: lab.mobile.ip4 })),
    );
    // Half of them vanish, half say goodbye; then all come again.
    for (let storm = 0; storm < STORMS; storm += 1) {
      await Promise.all(clients.map((client, index) => (index % 2 ? client.child.kill() : client.stop())));
      clients = await connectAll(members);
    }
    const again = await Promise.all(members.map(exitOf));
    expect(again.map(({ device }) => device)).toEqual(members.map(({ device }) => device));

    const steady = await stopSteady();
    console.log(`through the proxy ports meanwhile: ${JSON.stringify(steady)}`);
    expect(steady.failures).toEqual([]);
    expect(steady.requests).toBeGreaterThan(100);
    expect(steady.max).toBeLessThan(SLOWEST_REQUEST_MS);
    await Promise.all(clients.map((client) => client.child.kill()));
    await phones.destroy();
  });
});
