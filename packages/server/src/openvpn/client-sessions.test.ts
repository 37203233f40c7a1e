import { FlowError, type FlowErrorCode } from '@pocketproxy/protocol';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Access } from '../domain/ingress.ts';
import { type VpnAdmission, type VpnAdmitted, type VpnLogin, vpnNetwork } from '../domain/vpn.ts';
import { AddressPool } from './address-pool.ts';
import { ClientSessions } from './client-sessions.ts';
import { SessionTable } from './session-table.ts';

const ACCESS: Access = { connectionId: 'c1', connectionName: 'acme', deviceId: 'd1' };
const NETWORK = vpnNetwork('10.66.0.0/28');
/** What the first client of that connection gets when it comes from there. */
const ADDRESS = new AddressPool(NETWORK.subnet).take('c1 198.51.100.7')!;

class FakeAdmission implements VpnAdmission {
  refusal: FlowErrorCode | null = null;
  readonly logins: VpnLogin[] = [];
  readonly ends: (() => void)[] = [];
  left = 0;
  same = true;

  async admit(login: VpnLogin, end: () => void): Promise<VpnAdmitted> {
    this.logins.push(login);
    if (this.refusal) throw new FlowError(this.refusal);
    this.ends.push(end);
    return { access: ACCESS, leave: () => this.#leave() };
  }

  #leave(): void {
    this.left += 1;
  }

  async readmit(): Promise<boolean> {
    return this.same;
  }
}

/** Remembers commands; answers as it is told to. */
class FakeManagement {
  readonly sent: unknown[][] = [];
  knows = true;

  async command(...line: unknown[]): Promise<boolean> {
    this.sent.push(line);
    return this.knows;
  }

  async commandWithLines(name: string, args: readonly number[], lines: readonly string[]): Promise<boolean> {
    this.sent.push([name, ...args, ...lines]);
    return this.knows;
  }
}

describe('clients of the daemon', () => {
  let admission: FakeAdmission;
  let management: FakeManagement;
  let table: SessionTable;
  let clock: FakeClock;
  let ended: string[];
  let clients: ClientSessions;

  beforeEach(() => {
    admission = new FakeAdmission();
    management = new FakeManagement();
    table = new SessionTable();
    clock = new FakeClock();
    ended = [];
    table.onEnd((address) => ended.push(address));
    const pool = new AddressPool(NETWORK.subnet);
    clients = new ClientSessions({
      ...{ network: NETWORK, admission, pool, table, management, clock },
      log: silentLogger(),
    });
  });

  const connect = (clientId: number, variables: Record<string, string> = {}) =>
    clients.handle({
      ...{ type: 'connect', clientId, keyId: 1 },
      variables: { username: 'alice', password: 'secret', untrusted_ip: '198.51.100.7', ...variables },
    });
  const sent = (count: number) => expect.poll(() => management.sent.length).toBe(count);

  test('get an address of their own, everything by the tunnel, and IPv6 that leads nowhere', async () => {
    connect(0);
    await sent(1);
    expect(admission.logins).toEqual([{ username: 'alice', password: 'secret', address: '198.51.100.7' }]);
    expect(management.sent).toEqual([
      [
        ...['client-auth', 0, 1, `ifconfig-push ${ADDRESS} 255.255.255.240`],
        ...['ping 5', 'ping-restart 20'],
        'push "redirect-gateway def1 ipv6"',
        'push "ifconfig-ipv6 fd70:7070::2/64 fd70:7070::1"',
        'push "block-ipv6"',
        'push "dhcp-option DNS 10.66.0.1"',
        ...['push "ping 5"', 'push "ping-restart 20"'],
      ],
    ]);
    expect(table.accessOf(ADDRESS)).toBe(ACCESS);
    connect(1, { IV_PLAT: 'win' });
    await sent(2);
    expect(management.sent[1]).toContain('push "block-outside-dns"');
    // Not on the road: it is to notice soon that the daemon has crashed.
    expect(management.sent[1]).toEqual(expect.arrayContaining(['ping-restart 6', 'push "ping-restart 6"']));
    expect(table.size).toBe(2);
  });

  test('that are refused for a while are told to come again, if they understand it', async () => {
    admission.refusal = 'device_offline';
    connect(0, { IV_PROTO: '990' });
    connect(1, { IV_PROTO: '30' });
    await sent(2);
    expect(management.sent).toEqual([
      ['client-deny', 0, 1, 'device_offline', 'TEMP[backoff 5]:Phone is offline'],
      ['client-deny', 1, 1, 'device_offline', 'Phone is offline'],
    ]);
  });

  test('with a wrong password wait a second for the answer', async () => {
    admission.refusal = 'auth_required';
    connect(0);
    await expect.poll(() => admission.logins.length).toBe(1);
    await Promise.resolve();
    clock.advance(999);
    expect(management.sent).toEqual([]);
    clock.advance(1);
    await sent(1);
    expect(management.sent[0]).toEqual([
      'client-deny',
      0,
      1,
      'auth_required',
      'Wrong or missing credentials',
    ]);
  });

  test('that may not go on are nobody at once, and keep their address until the daemon has let go', async () => {
    connect(0);
    await sent(1);
    clients.handle({ type: 'established', clientId: 0, variables: {} });
    admission.ends[0]!();
    expect(table.accessOf(ADDRESS)).toBeNull();
    expect(ended).toEqual([ADDRESS]);
    // What its flows are told comes first.
    expect(management.sent).toHaveLength(1);
    clock.advance(1_000);
    await sent(2);
    expect(management.sent[1]).toEqual(['client-kill', 0]);
    for (let id = 1; id <= 12; id += 1) connect(id);
    await sent(14);
    connect(20);
    await sent(15);
    expect(management.sent[14]).toContain('overloaded');
    clients.handle({ type: 'disconnect', clientId: 0, variables: {} });
    connect(21);
    await sent(16);
    expect(table.accessOf(ADDRESS)).toBe(ACCESS);
    expect(ended).toEqual([ADDRESS]);
  });

  test('that went away while they were checked leave nothing behind', async () => {
    management.knows = false;
    connect(0);
    await expect.poll(() => admission.left).toBe(1);
    expect(table.size).toBe(0);
  });

  test('that never finish their handshake are given up', async () => {
    connect(0);
    connect(1);
    await sent(2);
    clients.handle({ type: 'established', clientId: 1, variables: {} });
    clock.advance(75_000);
    await expect.poll(() => table.size).toBe(1);
    expect(management.sent.slice(2)).toEqual([['client-kill', 0]]);
  });

  test('renew their keys while they are who they were', async () => {
    connect(0);
    await sent(1);
    const reauth = { type: 'reauth', clientId: 0, keyId: 2, variables: {} } as const;
    clients.handle(reauth);
    await sent(2);
    expect(management.sent[1]).toEqual(['client-auth-nt', 0, 2]);
    admission.same = false;
    clients.handle(reauth);
    await sent(4);
    expect(management.sent.slice(2).map(([name]) => name)).toEqual(['client-deny', 'client-kill']);
    expect(table.size).toBe(0);
  });

  test('all end with the daemon, also those that are being checked', async () => {
    connect(0);
    await sent(1);
    connect(1);
    clients.endAll();
    await expect.poll(() => admission.left).toBe(2);
    expect(table.size).toBe(0);
    expect(ended).toEqual([ADDRESS]);
  });
});
