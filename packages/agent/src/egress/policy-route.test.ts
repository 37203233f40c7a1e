import { beforeEach, describe, expect, it } from 'vitest';
import type { IpCommand } from './ip-command.ts';
import { NoGatewayError, PolicyRoute } from './policy-route.ts';
import { defaultNextHop, endsWithRefusal, hasOtherWayOut } from './routing-tables.ts';

/** Answers reads from fixed tables and records changes. */
class FakeIpCommand implements IpCommand {
  readonly changes: string[] = [];
  rules: unknown[] = [{ priority: 32766, src: 'all', table: 'main' }];
  routes: unknown[] = [];
  flags: string[] = ['BROADCAST', 'UP'];

  async read(args: readonly string[]): Promise<unknown> {
    if (args.includes('link')) return [{ flags: this.flags }];
    return args.includes('rule') ? this.rules : this.routes;
  }

  async run(args: readonly string[]): Promise<void> {
    this.changes.push(args.join(' '));
  }
}

const ADDRESS = '21.5.7.10';

describe('a policy route', () => {
  let ip: FakeIpCommand;
  let route: PolicyRoute;
  beforeEach(() => {
    ip = new FakeIpCommand();
    route = new PolicyRoute({ ip, device: 'wwan0', purpose: 'egress', gateways: [] });
  });

  it('is made in an order that never leaves a hole', async () => {
    ip.routes = [
      { dst: 'default', gateway: '192.168.1.1', dev: 'wlan0', metric: 600 },
      { dst: 'default', gateway: '21.5.7.1', dev: 'wwan0', metric: 700 },
      { dst: '21.5.7.0/24', dev: 'wwan0' },
      { dst: '192.168.1.0/24', dev: 'wlan0' },
      { type: 'local', dst: ADDRESS, dev: 'wwan0', table: 'local' },
    ];
    await route.ensure(4, ADDRESS);
    expect(ip.changes).toEqual([
      `-4 route replace unreachable default metric 4294967294 table ${route.table}`,
      `-4 route replace 21.5.7.0/24 dev wwan0 table ${route.table}`,
      `-4 route replace default via 21.5.7.1 onlink dev wwan0 table ${route.table}`,
      `-4 rule add from ${ADDRESS} lookup ${route.table} priority 7443`,
    ]);
  });

  it('changes nothing that is right, and only what is not', async () => {
    const own = [
      { type: 'unreachable', dst: 'default', dev: 'lo', table: route.table, metric: 4294967294 },
      { dst: 'default', gateway: '21.5.7.1', dev: 'wwan0', table: route.table },
    ];
    ip.rules = [{ priority: 7443, src: ADDRESS, table: route.table }];
    ip.routes = [{ dst: 'default', gateway: '21.5.7.1', dev: 'wwan0' }, ...own];
    await route.ensure(4, ADDRESS);
    expect(ip.changes).toEqual([]);
    ip.routes = [
      { dst: 'default', gateway: '21.9.9.1', dev: 'wwan0' },
      { dst: '21.5.7.0/24', dev: 'wwan0', table: route.table },
      ...own,
    ];
    await route.ensure(4, ADDRESS);
    expect(ip.changes).toEqual([
      `-4 route replace default via 21.9.9.1 onlink dev wwan0 table ${route.table}`,
      `-4 route del 21.5.7.0/24 dev wwan0 table ${route.table}`,
    ]);
  });

  it('needs no gateway on a point-to-point link, and the configured one elsewhere', async () => {
    await expect(route.ensure(4, ADDRESS)).rejects.toThrow(NoGatewayError);
    expect(ip.changes).toEqual([]);
    ip.flags = ['POINTOPOINT', 'NOARP', 'UP'];
    await route.ensure(4, ADDRESS);
    expect(ip.changes).toContain(`-4 route replace default dev wwan0 table ${route.table}`);
    const configured = new PolicyRoute({
      ip,
      device: 'wwan0',
      purpose: 'egress',
      gateways: ['fe80::1', '21.5.7.9'],
    });
    await configured.ensure(4, ADDRESS);
    expect(ip.changes).toContain(
      `-4 route replace default via 21.5.7.9 onlink dev wwan0 table ${route.table}`,
    );
  });

  it('removes its own rules only, and keeps the table of one that must stay', async () => {
    ip.rules = [
      { priority: 7443, src: ADDRESS, table: route.table },
      { priority: 7443, src: '21.5.7.11', table: route.table },
      { priority: 7443, src: '9.9.9.9', table: '4242' },
      { priority: 100, src: ADDRESS, table: route.table },
    ];
    ip.routes = [{ dst: 'default', dev: 'wwan0', table: route.table }];
    expect(await route.remove(async (address) => address === ADDRESS)).toEqual([ADDRESS, ADDRESS]);
    expect(ip.changes).toEqual([
      `-4 rule del from 21.5.7.11 lookup ${route.table} priority 7443`,
      `-6 rule del from 21.5.7.11 lookup ${route.table} priority 7443`,
    ]);
    ip.changes.length = 0;
    await route.remove(async () => false);
    expect(ip.changes).toContain(`-4 route flush table ${route.table}`);
    expect(ip.changes.join()).not.toContain('9.9.9.9');
  });

  it('has a table of its own per interface and purpose', () => {
    const other = (device: string, purpose: string) =>
      new PolicyRoute({ ip, device, purpose, gateways: [] }).table;
    const tables = [route.table, other('wwan1', 'egress'), other('wwan0', 'tunnel')];
    expect(new Set(tables).size).toBe(3);
    expect(other('wwan0', 'egress')).toBe(route.table);
  });
});

describe('routing tables', () => {
  const tables = (routes: object[], rules: object[] = []) => ({ family: 4, routes, rules }) as never;

  it('tell the next hop that the system prefers, also of a multipath route', () => {
    const routes = [
      { dst: 'default', gateway: '1.1.1.1', dev: 'wwan0', metric: 900 },
      {
        dst: 'default',
        metric: 700,
        nexthops: [
          { gateway: '2.2.2.2', dev: 'wwan0' },
          { gateway: '3.3.3.3', dev: 'eth0' },
        ],
      },
      { dst: 'default', gateway: '4.4.4.4', dev: 'wwan0', table: 'own' },
    ];
    expect(defaultNextHop(tables(routes), 'wwan0', 'own')).toMatchObject({ gateway: '2.2.2.2' });
    expect(hasOtherWayOut(tables(routes), 'wwan0')).toBe(true);
    expect(defaultNextHop(tables([]), 'wwan0', 'own')).toBeNull();
  });

  it('tell whether traffic from an address ends in a refusal', () => {
    const refusal = { type: 'prohibit', dst: 'default', table: '7' };
    expect(endsWithRefusal(tables([refusal], [{ priority: 1, src: ADDRESS, table: '7' }]), ADDRESS)).toBe(
      true,
    );
    expect(endsWithRefusal(tables([refusal], [{ priority: 1, src: ADDRESS, table: '8' }]), ADDRESS)).toBe(
      false,
    );
    expect(endsWithRefusal(tables([], [{ priority: 1, src: ADDRESS, table: '7' }]), ADDRESS)).toBe(false);
  });
});
