import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LAB, type LabProgram, labUnavailable, NetworkLab } from './testing/network-lab.ts';

const unavailable = labUnavailable();
const { server, rmnet0 } = LAB;
const NAME = 'web.example';
/** The kernel asks ever more seldom whether it may send on. */
const KERNEL_MS = 60_000;
const FOREIGN_RULE = ['rule', 'add', 'from', '9.9.9.9', 'lookup', '4242', 'priority', '7443'];

describe.skipIf(unavailable !== null)(`an egress interface (${unavailable ?? 'in namespaces'})`, () => {
  let lab: NetworkLab;
  let world: LabProgram;
  let phone: LabProgram;
  let mobile: string;
  let turn = 0;

  beforeAll(() => {
    lab = NetworkLab.create();
    lab.phone('ip', ...FOREIGN_RULE);
  });
  afterAll(() => lab.destroy());

  beforeEach(async () => {
    // A new address for each test: connections of the last one may linger.
    turn += 1;
    mobile = `21.5.7.${10 + turn}`;
    lab.changeMobileAddress(mobile);
    world = lab.startInWorld(new URL('./testing/world-program.ts', import.meta.url), server.ip4, server.ip6);
    await seen();
  });
  afterEach(async () => {
    await phone.end('SIGKILL');
    await world.end('SIGKILL');
  });

  const startPhone = (mode = 'privileged') => {
    phone = lab.startOnPhone(new URL('./testing/phone-program.ts', import.meta.url), mode, server.ip4);
  };
  const seen = async () => (await world.call({})).seen as string[];
  const state = () => phone.call({ do: 'state' });
  const connect = (host: string) => phone.call({ do: 'connect', host });
  const untilReady = (expected: object = { ready: true }) =>
    expect.poll(state, { timeout: 15_000 }).toMatchObject(expected);
  const rules = () => lab.phone('ip', '-4', 'rule', 'show') + lab.phone('ip', '-6', 'rule', 'show');

  it('is what customer traffic and DNS leave by, whatever the default route is', async () => {
    startPhone();
    await untilReady({ ready: true, address: mobile });
    expect(await connect(server.ip4)).toEqual({ from: mobile });
    expect(await connect(server.ip6)).toEqual({ from: rmnet0.phone6 });
    expect(await connect(NAME)).toHaveProperty('from');
    await phone.call({ do: 'openUdp' });
    for (const host of [server.ip4, server.ip6, NAME]) await phone.call({ do: 'send', host });
    await expect.poll(() => phone.call({ do: 'received' }), { timeout: 15_000 }).toEqual({ count: 3 });
    const from = new Set(await seen());
    expect(from).toEqual(
      new Set(
        ['tcp', 'udp', 'dns']
          .flatMap((what) => [`${what} ${mobile}`, `${what} ${rmnet0.phone6}`])
          .filter((one) => one !== `dns ${rmnet0.phone6}`),
      ),
    );
    expect(lab.leaked()).toBe(0);
  });

  it('refuses at once when it goes down, and nothing leaves by another one', async () => {
    startPhone();
    await untilReady();
    await connect(server.ip4);
    await connect(server.ip6);
    await phone.call({ do: 'openUdp' });
    await phone.call({ do: 'send', host: server.ip4 });
    await expect.poll(() => phone.call({ do: 'received' }), { timeout: 15_000 }).toEqual({ count: 1 });
    await seen();

    lab.mobileDown();
    expect(await connect(server.ip4)).toMatchObject({ code: 'egress_unavailable' });
    expect(await connect(server.ip6)).toMatchObject({ code: 'egress_unavailable' });
    expect(await connect(NAME)).toMatchObject({
      code: 'egress_unavailable',
      detail: 'The interface rmnet0 is down or has no address',
    });
    expect(await phone.call({ do: 'openUdp' })).toMatchObject({ code: 'egress_unavailable' });
    for (const host of [server.ip4, server.ip6, NAME]) await phone.call({ do: 'send', host });
    expect(await state()).toMatchObject({ ready: false });
    expect(await phone.call({ do: 'flows' })).toEqual({ open: 0 });
    expect(await seen()).toEqual([]);
    expect(lab.leaked()).toBe(0);

    lab.mobileUp();
    await untilReady();
    expect(await connect(server.ip4)).toEqual({ from: mobile });
    expect(lab.leaked()).toBe(0);
  });

  it('follows a changed address, and ends the flows of the old one', async () => {
    startPhone();
    await untilReady();
    await connect(server.ip4);
    lab.changeMobileAddress('21.5.7.177');
    await untilReady({ ready: true, address: '21.5.7.177' });
    expect(await phone.call({ do: 'flows' })).toEqual({ open: 0 });
    expect(await connect(server.ip4)).toEqual({ from: '21.5.7.177' });
    expect(lab.leaked()).toBe(0);
  });

  it('keeps the kernel from sending elsewhere while the agent hangs, was killed, and ended', {
    timeout: 4 * KERNEL_MS,
  }, async () => {
    startPhone();
    await untilReady();
    for (const host of [server.ip4, server.ip6]) {
      expect(await connect(host)).toHaveProperty('from');
      // Nobody reads it: the kernel asks again and again whether it may send on.
      await phone.call({ do: 'write', bytes: 16 * 1024 * 1024 });
    }
    phone.signal('SIGSTOP');
    lab.mobileDown();
    /** Tells all sockets, so that a failure shows them. */
    const attempts = () => {
      const sockets = lab.phone('ss', '-tnoH');
      const timers = [...sockets.matchAll(/timer:\((?:on|persist),[^,]+,(\d+)\)/g)];
      return { counts: timers.map((timer) => Number(timer[1])), sockets };
    };
    await expect
      .poll(attempts, { timeout: KERNEL_MS })
      .toMatchObject({ counts: [expect.any(Number), expect.any(Number)] });
    const { counts: before } = attempts();
    const moved = () => attempts().counts.every((count, index) => count > (before[index] ?? 0));
    await expect.poll(moved, { timeout: KERNEL_MS }).toBe(true);
    await phone.end('SIGKILL');
    expect(lab.leaked()).toBe(0);

    // The next agent finds the rules, and ends while the kernel has not given up.
    startPhone();
    lab.mobileUp();
    await untilReady();
    await phone.call({ do: 'close' });
    expect(rules()).toContain(`from ${mobile} lookup`);
    lab.mobileDown();
    await expect
      .poll(() => lab.phone('ss', '-tnH', 'src', mobile), { timeout: KERNEL_MS })
      .toMatch(/FIN-WAIT-1/);
    expect(lab.leaked()).toBe(0);
  });

  it('leaves no trace when it ends in order, and never touches the rules of others', async () => {
    startPhone();
    await untilReady();
    await connect(server.ip4);
    await connect(server.ip6);
    expect(rules()).toContain(`from ${mobile} lookup`);
    await phone.call({ do: 'close' });
    expect(rules()).not.toContain(mobile);
    expect(rules()).toContain('7443:\tfrom 9.9.9.9 lookup 4242');
    expect(lab.leaked()).toBe(0);
  });

  it('refuses without the right to set routes, and says which commands would help', async () => {
    startPhone('unprivileged');
    await untilReady({
      ready: false,
      reason: expect.stringContaining(`traffic from ${mobile} would leave by wlan0`),
    });
    expect(await connect(server.ip4)).toMatchObject({ code: 'egress_unavailable' });
    expect(await seen()).toEqual([]);

    const { reason } = (await state()) as { reason: string };
    const commands = reason.slice(reason.indexOf('ip -4')).split('; ');
    expect(commands).toHaveLength(3);
    for (const command of commands) lab.phone(...command.split(' '));
    await untilReady({ ready: true, address: mobile });
    expect(await connect(server.ip4)).toEqual({ from: mobile });
    expect(await connect(server.ip6)).toMatchObject({ code: 'network_unreachable' });
    expect(lab.leaked()).toBe(0);
  });
});
