import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { amount } from './harness/effort.ts';
import { missingPrograms } from './harness/programs.ts';
import { Rotations } from './harness/rotation.ts';
import { until } from './harness/until.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { LeakWatch } from './lab/leak-watch.ts';
import { NAMES, PLAN, PORTS } from './lab/network-plan.ts';
import { VPN_UNAVAILABLE, VpnClient } from './lab/vpn-client.ts';
import type { SeenQuestion } from './origins/dns-origin.ts';
import { generatedSha256 } from './origins/generated-bytes.ts';
import { PAGE_RESOURCES } from './origins/page.ts';

const BROWSER = join(import.meta.dirname, 'vpn/browser-main.ts');
const GENERATE = join(import.meta.dirname, 'origins/generate-main.ts');
const CHROMIUM = '/usr/bin/chromium';
const SERVER = '10.66.0.1';
/** How curl ends when it is refused; when nobody answers, it ends with 28. */
const COULD_NOT_CONNECT = 7;
/** A gibibyte in the long form. */
const BULK = amount(256, 1024) * 1024 ** 2;
const SLOW_MACHINE_MS = 480_000;

describe.skipIf(VPN_UNAVAILABLE)(inTheLab('traffic through OpenVPN'), () => {
  const world = useLabWorld({ vpn: true });
  let client: VpnClient;
  let leaks: LeakWatch;

  beforeAll(async () => {
    if (VPN_UNAVAILABLE) return;
    const { customer } = world().lab.hosts;
    // What the client would be given by the system's own tool for resolvers, which the lab has not.
    await writeFile(`/etc/netns/${customer.namespace}/resolv.conf`, `nameserver ${SERVER}\n`);
    leaks = await LeakWatch.start(world().lab);
    client = await VpnClient.start(customer, world().connection.ovpn!, null);
    await client.connected();
  });

  async function curl(...args: string[]) {
    return await world().lab.hosts.customer.exec(['curl', '-sS', '--max-time', '10', ...args]);
  }

  async function echo(text: string, host: string = PLAN.echo.ip4): Promise<string> {
    const argv = ['nc', '-u', '-w', '1', host, String(PORTS.udpEcho)];
    return (await world().lab.hosts.customer.exec(argv, { input: text })).stdout;
  }

  /** Resolves when a text has come back; asked again as long as it has not, as UDP may be. */
  async function echoed(text: string): Promise<void> {
    await until('the echo', async () => (await echo(text)) === text);
  }

  /** Whether a page comes by the phone's address of now. */
  async function works(): Promise<boolean> {
    return (await curl('--max-time', '3', `http://${PLAN.web.ip4}/ip`)).stdout === world().lab.mobile.ip4;
  }

  test('leaves by the phone: TCP, UDP, and names that only its resolver knows', async () => {
    const { lab } = world();
    expect((await curl(`http://${PLAN.web.ip4}/ip`)).stdout).toBe(lab.mobile.ip4);
    expect((await curl(`http://${NAMES.web4}/ip`)).stdout).toBe(lab.mobile.ip4);
    await echoed('by the phone');
    const exit = await curl('http://ip.pocketproxy.internal/');
    expect(JSON.parse(exit.stdout)).toMatchObject({ ip: lab.mobile.ip4 });
    const missing = await lab.hosts.customer.exec(['getent', 'ahostsv4', NAMES.missing]);
    expect(missing.code).toBe(2);
    const asked = await lab.origins<SeenQuestion[]>('phone-questions');
    expect(new Set(asked.map(({ from }) => from))).toEqual(new Set([lab.mobile.ip4]));
    expect(await lab.origins<SeenQuestion[]>('other-questions')).toEqual([]);
    await leaks.expectNone();
  });

  test('IPv6 of the customer is blocked and does not leave beside the tunnel', async () => {
    // Refused, and not left without an answer, so that programs that try both families are not held up.
    expect((await curl('--max-time', '30', `http://[${PLAN.web.ip6}]/ip`)).code).toBe(COULD_NOT_CONNECT);
    expect(await echo('six', PLAN.echo.ip6)).toBe('');
    await leaks.expectNone();
  });

  test('refuses private destinations and port 25', async () => {
    for (const url of ['http://192.168.43.1/', 'http://10.0.0.1/', `http://${PLAN.web.ip4}:25/`]) {
      expect(`${url} ${(await curl(url)).stdout}`).toBe(`${url} `);
    }
    await leaks.expectNone();
  });

  test.skipIf(missingPrograms('chromium').length > 0)(
    'loads a page with 200 sub-resources in Chromium',
    async () => {
      const argv = [process.execPath, BROWSER, CHROMIUM, `http://${NAMES.web4}/page`, String(PAGE_RESOURCES)];
      const output = await world().lab.hosts.customer.run(argv, { withinMs: 60_000 });
      const { failed, loaded } = JSON.parse(output) as { failed: number[]; loaded: number[] };
      expect(failed).toEqual([]);
      expect(new Set(loaded).size).toBe(PAGE_RESOURCES);
    },
  );

  test('what is large arrives as it was sent, down and up, and is counted once', {
    timeout: SLOW_MACHINE_MS,
  }, async () => {
    const { customer } = world().lab.hosts;
    const shell = (script: string, ...args: string[]) =>
      customer.run(['sh', '-c', script, 'sh', ...args], { withinMs: SLOW_MACHINE_MS });
    const began = await usedBytes();
    const sum = await shell(
      'curl -sS --fail "$1" | sha256sum',
      `http://${PLAN.web.ip4}/bytes/${BULK}?seed=down`,
    );
    expect(sum.slice(0, 64)).toBe(generatedSha256('down', BULK));
    const upload = '"$1" "$2" up "$3" | curl -sS --fail -T - "$4"';
    const answer = await shell(
      upload,
      process.execPath,
      GENERATE,
      String(BULK),
      `http://${PLAN.web.ip4}/upload`,
    );
    expect(JSON.parse(answer)).toEqual({ bytes: BULK, sha256: generatedSha256('up', BULK) });
    await until('the bytes to be stored', async () => (await usedBytes()) - began >= 2 * BULK);
    expect((await usedBytes()) - began).toBeLessThan(2 * BULK * 1.002);
    await leaks.expectNone();
  });

  test('nothing passes while the phone has no mobile network, and all does again afterwards', async () => {
    const { lab } = world();
    await lab.mobileDown();
    expect((await curl(`http://${PLAN.web.ip4}/`)).code).not.toBe(0);
    expect((await curl(`http://${NAMES.web4}/`)).code).not.toBe(0);
    expect(await echo('nowhere')).toBe('');
    await leaks.expectNone();
    await lab.mobileUp();
    await until('traffic to flow again', works, 30_000);
    await leaks.expectNone();
  });

  test('leaves by the new address after a rotation', async () => {
    const { server, agent, lab } = world();
    const before = lab.mobile.ip4;
    const rotation = await new Rotations(server.api, agent.deviceId).rotate();
    expect(rotation).toMatchObject({ status: 'succeeded', oldIp: before });
    await until('traffic to leave by the new address', works, 30_000);
    expect(lab.mobile.ip4).not.toBe(before);
    await echoed('after');
    await leaks.expectNone();
  });

  test('nothing passes while the relay is dead, and clients are back when it is', async () => {
    const { server } = world();
    const again = client.connectedAgain(60_000);
    // Whatever fails before it is waited for says more.
    again.catch(() => {});
    await server.end('SIGKILL');
    expect((await curl('--max-time', '3', `http://${PLAN.web.ip4}/`)).code).not.toBe(0);
    expect(await echo('nobody')).toBe('');
    await leaks.expectNone();
    await server.launch();
    await again;
    await until('traffic to flow again', works, 30_000);
    await leaks.expectNone();
  });

  async function usedBytes(): Promise<number> {
    const { server, connection } = world();
    return ((await server.api.connection(connection.id)) as unknown as { usedBytes: number }).usedBytes;
  }
});
