import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { until } from './harness/until.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { LeakWatch } from './lab/leak-watch.ts';
import { NAMES, PLAN } from './lab/network-plan.ts';
import { dropSilentlyAt, stopDropping } from './lab/silent-drop.ts';
import { VPN_UNAVAILABLE, VpnClient } from './lab/vpn-client.ts';
import { daemonPids } from './lab/vpn-daemon.ts';

const RESTLESS = join(import.meta.dirname, 'vpn/restless-main.ts');
const SERVER = '10.66.0.1';
/** Six seconds of silence, three of a pause, and the way of a login; see `client-options.ts`. */
const BACK_WITHIN_MS = 12_000;

describe.skipIf(VPN_UNAVAILABLE)(inTheLab('a VPN client whose way is cut under its traffic'), () => {
  const world = useLabWorld({ vpn: true });
  let client: VpnClient;
  let watch: LeakWatch;

  beforeAll(async () => {
    if (VPN_UNAVAILABLE) return;
    const { customer } = world().lab.hosts;
    await writeFile(`/etc/netns/${customer.namespace}/resolv.conf`, `nameserver ${SERVER}\n`);
    client = await VpnClient.start(customer, world().connection.ovpn!, null);
    await client.connected();
    watch = await LeakWatch.start(world().lab);
    const restless = customer.spawn([process.execPath, RESTLESS, SERVER, PLAN.web.ip4, PLAN.web.ip6]);
    await restless.log.waitFor(/^ready$/);
  });

  async function expectPage(): Promise<void> {
    const argv = ['curl', '-sS', '--max-time', '3', `http://${NAMES.web4}/ip`];
    const { customer } = world().lab.hosts;
    await until('a page through the phone', async () => {
      return (await customer.exec(argv)).stdout === world().lab.mobile.ip4;
    });
  }

  /** Ends the server or a part of it, and shows that nothing left any other way until the client was back. */
  async function expectBack(die: () => Promise<void>): Promise<void> {
    const address = await client.address();
    const again = client.connectedAgain(60_000);
    again.catch(() => {});
    await die();
    const began = performance.now();
    await again;
    const ms = Math.round(performance.now() - began);
    await expectPage();
    await watch.expectNone();
    // Another one would make the client take its interface down for a moment.
    expect(await client.address()).toBe(address);
    console.info(`back after ${ms} ms`);
    expect(ms).toBeLessThan(BACK_WITHIN_MS);
  }

  test('is back soon after kill -9 of the daemon, and nothing passes beside the tunnel meanwhile', async () => {
    const [before] = await daemonPids(world().server);
    await expectBack(async () => void process.kill(before!, 'SIGKILL'));
    expect(await daemonPids(world().server)).toHaveLength(1);
    expect(await daemonPids(world().server)).not.toContain(before);
  });

  test('is back soon after the relay is, and nothing passes beside the tunnel meanwhile', async () => {
    await expectBack(async () => {
      await world().server.end('SIGKILL');
      await world().server.launch();
    });
  });

  test('stays connected while its phone is offline, when nothing passes, and goes on when that is back', async () => {
    const { agent, lab } = world();
    const address = await client.address();
    await agent.end('SIGKILL');
    const { customer } = lab.hosts;
    const page = ['curl', '-sS', '--max-time', '3', `http://${PLAN.web.ip4}/ip`];
    expect((await customer.exec(page)).code).not.toBe(0);
    expect((await customer.exec(['getent', 'ahostsv4', NAMES.web4])).code).not.toBe(0);
    await watch.expectNone();
    const { lines } = client.child.log;
    const said = lines.length;
    await agent.launch();
    await expectPage();
    await watch.expectNone();
    expect(lines.slice(said)).toEqual([]);
    expect(await client.address()).toBe(address);
  });

  test('has its address again after its own network was away, and nothing passed beside the tunnel', async () => {
    const { internet } = world().lab.hosts;
    await expectBack(async () => {
      const noticed = client.child.log.waitForNext(/Inactivity timeout/);
      await dropSilentlyAt(internet, 'to-customer');
      await noticed;
      await stopDropping(internet);
    });
  });
});
