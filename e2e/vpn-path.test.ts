import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Child } from './harness/child.ts';
import { missingPrograms } from './harness/programs.ts';
import { until } from './harness/until.ts';
import { Host } from './lab/host.ts';
import { inTheLab } from './lab/lab-world.ts';
import { namespaceName } from './lab/leftovers.ts';
import { LAB_UNAVAILABLE } from './lab/requirements.ts';
import { FORWARDING, QUIET } from './lab/wiring.ts';

const PROGRAM = join(import.meta.dirname, '../packages/server/src/openvpn/testing/path-main.ts');
const SERVER = '10.66.0.1';
const CLIENT = '10.66.0.2';
const STRANGER = '10.66.0.3';
/** How curl ends when it is reset, before or after it noticed that it was connected. */
const RESET = [7, 56];
const DEVICE = 'pptun-0a420000';

/** A relay whose TUN interface is a virtual cable to the client: what the daemon would decrypt arrives by it. */
describe.skipIf(LAB_UNAVAILABLE)(inTheLab('the path of VPN traffic'), () => {
  let directory: string;
  let relay: Host;
  let client: Host;
  let path: Child;

  beforeAll(async () => {
    if (LAB_UNAVAILABLE) return;
    directory = await mkdtemp(join(tmpdir(), 'ppvpn-'));
    const run = randomBytes(3).toString('hex');
    relay = new Host('relay', namespaceName(run, 'relay'), directory);
    client = new Host('client', namespaceName(run, 'client'), directory);
    await relay.create([...QUIET, ...FORWARDING], null);
    await client.create(QUIET, SERVER);
    await relay.ip(
      `link add name ${DEVICE} type veth peer name tun0 netns ${client.namespace}`,
      `addr add ${SERVER}/16 dev ${DEVICE}`,
      `link set dev ${DEVICE} up`,
      // Another network of the relay, and its way to the internet.
      'link add name wan0 type veth peer name wan1',
      'link set dev wan1 up',
      'addr add 12.34.56.10/24 dev wan0',
      'link set dev wan0 up',
      'route add default via 12.34.56.1',
    );
    await client.ip(
      `addr add ${CLIENT}/32 dev tun0`,
      `addr add ${STRANGER}/32 dev tun0`,
      'link set dev tun0 up',
      `route add ${SERVER} dev tun0 src ${CLIENT}`,
      `route add default via ${SERVER} src ${CLIENT}`,
    );
    path = await startPath();
  });

  afterAll(async () => {
    await client?.destroy();
    await relay?.destroy();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  async function startPath(): Promise<Child> {
    const child = relay.spawn([process.execPath, PROGRAM], { name: 'path' });
    await child.log.waitFor(/^ready$/);
    child.write(`begin ${CLIENT}\n`);
    await child.log.waitFor(/^done begin/);
    return child;
  }

  async function curl(...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string }> {
    return await client.exec(['curl', '-sS', '--max-time', '10', ...args]);
  }

  /** Sends a text to a UDP port and answers what comes back within a second. */
  async function exchange(to: string, port: number, text: string): Promise<string> {
    const { stdout } = await client.exec(['nc', '-u', '-w', '1', to, String(port)], { input: text });
    return stdout;
  }

  /** Resolves when a text has come back; asked again as long as it has not, as UDP may be. */
  async function exchanged(to: string, port: number, text: string): Promise<void> {
    await until(`${port} to answer`, async () => (await exchange(to, port, text)) === text);
  }

  test('gives connections to the flow of their client, with the destination that was meant', async () => {
    expect((await curl('http://93.184.216.34/')).stdout).toBe('93.184.216.34\n');
    expect((await curl('http://198.18.0.1:8443/')).stdout).toBe('198.18.0.1:8443\n');
    await path.log.waitFor(/^flow c1 93\.184\.216\.34:80$/);
  });

  test('serves the exit address and names at the server address', async () => {
    expect((await curl('http://ip.pocketproxy.internal/')).stdout).toBe('ip.pocketproxy.internal\n');
    await path.log.waitFor(/^flow c1 ip\.pocketproxy\.internal:80$/);
    const udp = await client.exec(['getent', 'ahostsv4', 'somewhere.example']);
    expect(udp.stdout).toContain('9.9.9.9');
    const tcp = await client.exec(['env', 'RES_OPTIONS=use-vc', 'getent', 'ahostsv4', 'elsewhere.example']);
    expect(tcp.stdout).toContain('9.9.9.9');
  });

  test('carries datagrams there and back, large ones in fragments', async () => {
    await exchanged('8.8.8.8', 9_000, 'over there');
    await exchanged('8.8.4.4', 9_000, randomBytes(3_000).toString('hex'));
  });

  test('refuses what the phone refuses with a reset', async () => {
    expect(RESET).toContain((await curl('http://93.184.216.34:25/')).code);
  });

  test('reaches neither the relay, nor its networks, nor other clients, nor names of others', async () => {
    const listener = relay.spawn(['nc', '-lk', '-p', '8080']);
    for (const host of [`${SERVER}:8080`, '12.34.56.10:8080', '10.66.0.77', '10.66.255.255']) {
      expect(`${host} ${(await curl(`http://${host}/`)).code}`).toBe(`${host} 7`);
    }
    expect((await curl('http://224.0.0.1/')).code).not.toBe(0);
    expect(listener.log.lines).toEqual([]);
    // The VPS's network is a destination like any other: the phone is asked, not the network.
    expect((await curl('http://12.34.56.99/')).stdout).toBe('12.34.56.99\n');
    await listener.kill();
  });

  test('does nothing for an address without a session', async () => {
    const answer = await curl('--interface', STRANGER, 'http://93.184.216.34/');
    expect(RESET).toContain(answer.code);
    const before = path.log.lines.filter((line) => line === 'association').length;
    await client.exec(['nc', '-u', '-w', '1', '-s', STRANGER, '8.8.8.8', '9000'], { input: 'x' });
    expect(path.log.lines.filter((line) => line === 'association').length).toBe(before);
  });

  test.skipIf(missingPrograms('ping').length > 0)(
    'answers an echo request by the server address alone',
    async () => {
      const ping = (to: string) => client.exec(['ping', '-c', '1', '-W', '1', to]);
      expect((await ping(SERVER)).code).toBe(0);
      expect((await ping('12.34.56.10')).code).not.toBe(0);
      expect((await ping('8.8.8.8')).code).not.toBe(0);
    },
  );

  test('ends everything of a client with its session', async () => {
    await exchange('8.8.8.8', 9_001, 'x');
    const running = curl('-N', '--max-time', '20', 'http://93.184.216.34/endless');
    await path.log.waitForNext(/^flow .*:80$/);
    const ended = path.log.waitForNext(/^association closed$/);
    path.write(`end ${CLIENT}\n`);
    expect((await running).code).not.toBe(0);
    await ended;
    expect(RESET).toContain((await curl('http://93.184.216.34/')).code);
    path.write(`begin ${CLIENT}\n`);
    await path.log.waitForNext(/^done begin/);
  });

  test('lets nothing pass when it was killed, and works again when it is back', async () => {
    const wan = await countRule();
    await path.kill();
    const nowhere = async (url: string) => (await curl('--max-time', '3', url)).code;
    expect(await nowhere('http://93.184.216.34/')).not.toBe(0);
    expect(await exchange('8.8.8.8', 9_000, 'nobody')).toBe('');
    expect(await nowhere(`http://${SERVER}/`)).not.toBe(0);
    expect(await wan()).toBe(0);
    path = await startPath();
    expect((await curl('http://93.184.216.34/')).stdout).toBe('93.184.216.34\n');
    await exchanged('8.8.8.8', 9_000, 'again');
    expect(await wan()).toBe(0);
  });

  test('leaves nothing of its own behind when it stops, and nothing of others is touched', async () => {
    path.write('stop\n');
    await path.log.waitForNext(/^stopped$/);
    expect(await relay.run(['nft', 'list', 'tables'])).toBe('table inet others\n');
    expect(await relay.run(['ip', 'rule'])).not.toContain(DEVICE);
    expect(await relay.run(['ip', 'route', 'show', 'table', 'all', 'type', 'local'])).not.toContain(
      'default',
    );
  });

  /** Counts packets that leave by `wan0`. */
  async function countRule(): Promise<() => Promise<number>> {
    await relay.nft(`table inet others {
      counter left {}
      chain out {
        type filter hook postrouting priority 0;
        oifname "wan0" counter name left
      }
    }`);
    return async () => {
      const listed = await relay.run(['nft', '-j', 'list', 'counter', 'inet', 'others', 'left']);
      return Number(/"packets": (\d+)/.exec(listed)?.[1]);
    };
  }
});
