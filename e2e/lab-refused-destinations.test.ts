import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusedSpellings } from '../packages/protocol/src/refused-spellings.ts';
import { basic, RawHttp } from './clients/raw-http.ts';
import { socks5 } from './clients/socks-client.ts';
import type { Child } from './harness/child.ts';
import type { HttpTarget } from './harness/http-call.ts';
import { CustomerUdp } from './lab/customer-udp.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { NAMES, PLAN, PORTS } from './lab/network-plan.ts';
import { LAB_UNAVAILABLE } from './lab/requirements.ts';

const CANARY_PORT = 9999;
const CANARY = join(import.meta.dirname, 'origins/canary-main.ts');
const AT_A_TIME = 20;

describe.skipIf(LAB_UNAVAILABLE)(inTheLab('a destination that no customer may reach'), () => {
  const world = useLabWorld();
  let canaries: Child[];
  /** The connection's port as the customer reaches it. */
  let port: HttpTarget;

  beforeAll(async () => {
    if (LAB_UNAVAILABLE) return;
    const { phone, vps, customer, wifi, carrier } = world().lab.hosts;
    canaries = [phone, vps, wifi, carrier].map((host) =>
      host.spawn([process.execPath, CANARY, String(CANARY_PORT), '25'], { name: `${host.name}:canary` }),
    );
    canaries.push(
      world().lab.hosts.internet.spawn([process.execPath, CANARY, '25'], { name: 'internet:canary' }),
    );
    await Promise.all(canaries.map((child) => child.log.waitFor(/^ready$/)));
    port = await customer.reach(PLAN.vps.ip4, world().connection.port);
  });

  function expectUntouched(): void {
    expect(canaries.flatMap(({ log }) => log.lines.filter((line) => line.startsWith('touched')))).toEqual([]);
  }

  /** Everything that must be refused: all spellings, and the addresses of the hosts themselves. */
  function destinations(): string[] {
    const { ip4, ip6 } = world().lab.mobile;
    const own = [ip4, ip6, PLAN.wlan0.ip4, PLAN.wlan0.ip6, PLAN.vps.ip4, `::ffff:${PLAN.vps.ip4}`];
    return [...refusedSpellings(), ...own, NAMES.loopback];
  }

  async function inBatches<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
    for (let at = 0; at < items.length; at += AT_A_TIME) {
      await Promise.all(items.slice(at, at + AT_A_TIME).map(act));
    }
  }

  async function connectStatus(target: string): Promise<number> {
    const client = await RawHttp.reach(port);
    const { status } = await client.connect(target, basic(world().connection));
    client.close();
    return status;
  }

  test('is at least 200 spellings', () => {
    expect(destinations().length).toBeGreaterThanOrEqual(200);
  });

  test('is refused to HTTP CONNECT in every spelling', async () => {
    await inBatches(destinations(), async (host) => {
      const text = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
      const status = await connectStatus(`${Buffer.from(text).toString('latin1')}:${CANARY_PORT}`);
      expect([400, 403, 502], `CONNECT ${text} was answered with ${status}`).toContain(status);
    });
    expectUntouched();
  });

  test('is refused to absolute-form HTTP in every spelling', async () => {
    const authorization = basic(world().connection);
    await inBatches(destinations(), async (host) => {
      const text = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
      const authority = `${Buffer.from(text).toString('latin1')}:${CANARY_PORT}`;
      const client = await RawHttp.reach(port);
      client.send(
        `GET http://${authority}/ HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: ${authorization}\r\n\r\n`,
      );
      const { status } = await client.answer();
      client.close();
      expect([400, 403, 502], `GET ${text} was answered with ${status}`).toContain(status);
    });
    expectUntouched();
  });

  test('is refused to SOCKS5 in every spelling', async () => {
    const { username, password } = world().connection;
    const proxy = { host: '', port: 0, username, password, ...port };
    await inBatches(destinations(), async (host) => {
      const code = await socks5(proxy, 'connect', { host, port: CANARY_PORT }).then(
        ({ socket, reply }) => {
          socket.destroy();
          return reply.code;
        },
        // A malformed name may be answered with the end of the connection.
        () => 'closed',
      );
      expect([2, 4, 8, 1, 'closed'], `SOCKS5 ${host} was answered with ${code}`).toContain(code);
    });
    expectUntouched();
  });

  test('gets no datagram in any spelling', async () => {
    const udp = await CustomerUdp.open(world());
    for (const host of destinations()) udp.order({ do: 'send', to: { host, port: CANARY_PORT }, text: 'x' });
    // An echo that comes back has passed the tunnel after all of them.
    await udp.echo({ host: PLAN.echo.ip4, port: PORTS.udpEcho }, 'last');
    await udp.close();
    expectUntouched();
  });

  test('is not reached by a name whose answers change', async () => {
    const answers = new Set<number>();
    for (let attempt = 0; attempt < 10; attempt++)
      answers.add(await connectStatus(`${NAMES.flip}:${CANARY_PORT}`));
    expect(answers).not.toContain(200);
    const udp = await CustomerUdp.open(world());
    for (let attempt = 0; attempt < 10; attempt++) {
      udp.order({ do: 'send', to: { host: NAMES.flip, port: CANARY_PORT }, text: 'x' });
      await udp.echo({ host: PLAN.echo.ip4, port: PORTS.udpEcho }, `flip-${attempt}`);
    }
    await udp.close();
    expectUntouched();
  });

  test('includes port 25 anywhere', async () => {
    expect(await connectStatus(`${PLAN.web.ip4}:25`)).toBe(403);
    expect(await connectStatus(`${NAMES.web}:25`)).toBe(403);
    const udp = await CustomerUdp.open(world());
    udp.order({ do: 'send', to: { host: PLAN.web.ip4, port: 25 }, text: 'x' });
    await udp.echo({ host: PLAN.echo.ip4, port: PORTS.udpEcho }, 'last');
    await udp.close();
    expectUntouched();
  });
});
