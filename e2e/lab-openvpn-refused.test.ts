import { writeFile } from 'node:fs/promises';
import { isIP, isIPv4 } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusedSpellings } from '../packages/protocol/src/refused-spellings.ts';
import type { Child } from './harness/child.ts';
import type { Host } from './lab/host.ts';
import { inTheLab, useLabWorld, VPS_PORTS } from './lab/lab-world.ts';
import { LeakWatch } from './lab/leak-watch.ts';
import { NAMES, PLAN, PORTS } from './lab/network-plan.ts';
import { TrafficMeter } from './lab/traffic-meter.ts';
import { VPN_UNAVAILABLE, VpnClient } from './lab/vpn-client.ts';

const CANARY = join(import.meta.dirname, 'origins/canary-main.ts');
const KNOCK = join(import.meta.dirname, 'vpn/knock-main.ts');
const CANARY_PORT = 9_999;
const SERVER = '10.66.0.1';
/** A network behind the VPS, as providers have them: its own address there, and a neighbour's. */
const BEHIND = { device: 'lan0', vps: '10.9.8.1', neighbour: '10.9.8.2' } as const;
const SLOW_MACHINE_MS = 120_000;

/** What the customer's programs heard. */
interface Heard {
  readonly answered: readonly string[];
  readonly echo: boolean;
}

describe.skipIf(VPN_UNAVAILABLE)(inTheLab('a destination that no VPN client may reach'), () => {
  const world = useLabWorld({ vpn: true });
  const canaries: Child[] = [];
  let knocking: Child;
  let neighbour: VpnClient;
  let leaks: LeakWatch;

  beforeAll(async () => {
    if (VPN_UNAVAILABLE) return;
    const { lab, server, agent, connection } = world();
    const { phone, vps, customer, wifi, carrier } = lab.hosts;
    // The Wi-Fi router's host is also the neighbour: one canary more or less makes no difference.
    await vps.ip(`link add ${BEHIND.device} type veth peer name behind0 netns ${wifi.namespace}`);
    await vps.ip(`addr add ${BEHIND.vps}/24 dev ${BEHIND.device}`, `link set ${BEHIND.device} up`);
    await wifi.ip(`addr add ${BEHIND.neighbour}/24 dev behind0`, 'link set behind0 up');
    const other = await server.api.createConnection({ deviceId: agent.deviceId, name: 'Neighbour' });
    neighbour = await VpnClient.start(carrier, other.ovpn!, null, ['--route-nopull']);
    const client = await VpnClient.start(customer, connection.ovpn!, null);
    await Promise.all([neighbour.connected(), client.connected()]);
    await intoTheTunnel(customer);
    for (const host of [phone, vps, wifi, carrier]) canaries.push(await watch(host, CANARY_PORT, 25));
    canaries.push(await watch(lab.hosts.internet, 25));
    leaks = await LeakWatch.start(lab);
    knocking = customer.spawn([process.execPath, KNOCK, PLAN.echo.ip4, String(PORTS.udpEcho)]);
  });

  async function watch(host: Host, ...ports: number[]): Promise<Child> {
    const canary = host.spawn([process.execPath, CANARY, ...ports.map(String)], {
      name: `${host.name}:canary`,
    });
    await canary.log.waitFor(/^ready$/);
    return canary;
  }

  /**
   * Sends into the tunnel what a well-behaved client would keep: its own loopback, link-local and group addresses, and
   * the server that it is connected to.
   */
  async function intoTheTunnel(customer: Host): Promise<void> {
    await writeFile(`/etc/netns/${customer.namespace}/resolv.conf`, `nameserver ${SERVER}\n`);
    await customer.ip(
      'route add default dev tun0 table 77',
      'rule add pref 10 lookup local',
      'rule del pref 0',
    );
    await customer.ip(
      '-6 route add default dev tun0 table 77',
      '-6 rule add pref 10 lookup local',
      '-6 rule del pref 0',
    );
    for (const selector of [`dport ${CANARY_PORT} ipproto tcp`, `dport ${CANARY_PORT} ipproto udp`]) {
      await customer.ip(`rule add pref 5 ${selector} lookup 77`, `-6 rule add pref 5 ${selector} lookup 77`);
    }
    // All but OpenVPN itself.
    await customer.ip(
      `rule add pref 6 to ${PLAN.vps.ip4} ipproto udp dport ${PORTS.openvpn} lookup main`,
      `rule add pref 7 to ${PLAN.vps.ip4} lookup 77`,
    );
  }

  /** All spellings, and the addresses of the hosts themselves. */
  function destinations(): string[] {
    const { ip4, ip6 } = world().lab.mobile;
    const own = [ip4, ip6, PLAN.wlan0.ip4, PLAN.wlan0.ip6, PLAN.vps.ip4, PLAN.vps.ip6, SERVER];
    return [...refusedSpellings(), ...own, BEHIND.vps, BEHIND.neighbour];
  }

  async function knock(hosts: readonly string[], port = CANARY_PORT): Promise<Heard> {
    const answer = knocking.log.waitForNext(/^\{.*\}$/, SLOW_MACHINE_MS);
    knocking.write(`${JSON.stringify({ hosts, port })}\n`);
    return JSON.parse((await answer).input) as Heard;
  }

  async function expectUntouched(heard: Heard): Promise<void> {
    // Its echo has passed the tunnel after everything else.
    expect(heard).toEqual({ answered: [], echo: true });
    const touched = canaries.flatMap(({ name, log }) =>
      log.lines.filter((line) => line.startsWith('touched')).map((line) => `${name} ${line}`),
    );
    expect(touched).toEqual([]);
    await leaks.expectNone();
  }

  test('is refused to TCP and gets no datagram in any of 200 spellings', {
    timeout: SLOW_MACHINE_MS,
  }, async () => {
    const { lab } = world();
    expect(destinations().length).toBeGreaterThanOrEqual(200);
    const sent = await TrafficMeter.start(lab.hosts.customer, 'tun0', [`th dport ${CANARY_PORT}`]);
    await expectUntouched(await knock(destinations()));
    // They were really asked of the tunnel, not refused by the customer's own system.
    expect((await sent.read()).expected).toBeGreaterThan(200);
  });

  test('is not reached by names that lead there, or whose answers change', {
    timeout: SLOW_MACHINE_MS,
  }, async () => {
    const { lab } = world();
    const addresses = destinations().filter((text) => isIP(text) !== 0 && !text.includes('%'));
    const zone = Object.fromEntries(
      addresses.map((address, index) => {
        const records = isIPv4(address) ? { a: [address] } : { aaaa: [address] };
        return [`refused-${index}.lab-origin.net`, records];
      }),
    );
    await lab.origins('set-zone', zone);
    const flipping = Array.from({ length: 10 }, () => NAMES.flip);
    await expectUntouched(await knock([...Object.keys(zone), NAMES.loopback, ...flipping]));
  });

  test("includes the relay's own services at every address of its host", async () => {
    const { connection } = world();
    for (const port of [VPS_PORTS.http, VPS_PORTS.tunnel, connection.port]) {
      await expectUntouched(await knock([SERVER, PLAN.vps.ip4, BEHIND.vps, '127.0.0.1'], port));
    }
  });

  test('includes other clients of the VPN', async () => {
    const address = await neighbour.address();
    expect(address).toMatch(/^10\.66\./);
    await expectUntouched(await knock([address!]));
    const { customer } = world().lab.hosts;
    expect((await customer.exec(['ping', '-c', '1', '-W', '1', address!])).code).not.toBe(0);
  });

  test('includes the network behind the VPS', async () => {
    const meter = await TrafficMeter.start(world().lab.hosts.vps, BEHIND.device, []);
    await expectUntouched(await knock([BEHIND.vps, BEHIND.neighbour]));
    expect((await meter.read()).other).toBe(0);
  });

  test('includes port 25 anywhere', async () => {
    await expectUntouched(await knock([PLAN.web.ip4, NAMES.web4], 25));
  });

  test('would have been noticed: each canary tells of a touch', async () => {
    const { phone, vps, wifi, carrier } = world().lab.hosts;
    for (const host of [phone, vps, wifi, carrier]) {
      await host.run(['nc', '-z', '127.0.0.1', String(CANARY_PORT)]);
    }
    await Promise.all(canaries.slice(0, 4).map(({ log }) => log.waitFor(/^touched 9999$/)));
  });
});
