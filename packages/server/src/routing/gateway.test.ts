import { once } from 'node:events';
import http from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { FlowError } from '@pocketproxy/protocol';
import { describe, expect, it } from 'vitest';
import type { Access } from '../domain/ingress.ts';
import { connectionRow } from './testing/fakes.ts';
import { startRouting } from './testing/routing.ts';

const ORIGIN = { port: 30_000, address: '192.0.2.1' };
const ALICE = { username: 'alice', password: 'secret' };
const WEB = { host: 'example.com', port: 443 };

/** Error code of a call that must fail, whether it throws or rejects. */
async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof FlowError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('authentication', () => {
  it('lets the right user name and password in, without a promise', async () => {
    const { gateway } = await startRouting([connectionRow()]);
    expect(gateway.authenticate(ORIGIN, ALICE)).toMatchObject({
      connectionId: 'c1',
      connectionName: 'acme',
      deviceId: 'd1',
    });
  });

  it.each([
    ['no credentials', null],
    ['a wrong password', { ...ALICE, password: 'Secret' }],
    ['a wrong user', { ...ALICE, username: 'bob' }],
    ['an empty password', { ...ALICE, password: '' }],
  ])('refuses %s', async (_name, credentials) => {
    const { gateway } = await startRouting([connectionRow()]);
    expect(await codeOf(() => gateway.authenticate(ORIGIN, credentials))).toBe('auth_required');
  });

  it('checks the password of an unknown user too, so that both take the same time', async () => {
    const { gateway, credentials } = await startRouting([connectionRow()]);
    await codeOf(() => gateway.authenticate(ORIGIN, { username: 'nobody', password: 'x' }));
    expect(credentials.checks).toBe(1);
  });

  it("refuses another connection's credentials on this port", async () => {
    const other = connectionRow({
      id: 'c2',
      port: 30_001,
      username: 'bob',
      credential: { scheme: 'hmac-sha256', hash: 'other' },
    });
    const { gateway } = await startRouting([connectionRow(), other]);
    expect(await codeOf(() => gateway.authenticate(ORIGIN, { username: 'bob', password: 'other' }))).toBe(
      'auth_required',
    );
  });

  it('needs no password from an allowlisted address, IPv4 and IPv6', async () => {
    const { gateway } = await startRouting([connectionRow({ allowlist: ['192.0.2.0/24', '2001:db8::1'] })]);
    expect(gateway.allowsWithoutPassword(ORIGIN)).toBe(true);
    expect(gateway.allowsWithoutPassword({ ...ORIGIN, address: '2001:db8::1' })).toBe(true);
    expect(gateway.allowsWithoutPassword({ ...ORIGIN, address: '2001:db8::2' })).toBe(false);
    expect(gateway.allowsWithoutPassword({ ...ORIGIN, address: '192.0.3.1' })).toBe(false);
    expect(gateway.authenticate(ORIGIN, null)).toMatchObject({ connectionId: 'c1' });
  });

  it('is no use when the password is changed between the check and the flow', async () => {
    const { gateway, store, bus, directory } = await startRouting([connectionRow()]);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    store.rows = [connectionRow({ credential: { scheme: 'hmac-sha256', hash: 'new' }, version: 2 })];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect.poll(() => directory.byId('c1')?.snapshot.version).toBe(2);
    expect(await codeOf(() => gateway.openFlow(access, WEB))).toBe('auth_required');
  });

  describe('after ten failures within a minute', () => {
    const WRONG = { ...ALICE, password: 'wrong' };

    async function blocked(rows = [connectionRow()]) {
      const routing = await startRouting(rows);
      for (let i = 0; i < 10; i += 1) await codeOf(() => routing.gateway.authenticate(ORIGIN, WRONG));
      return routing;
    }

    it('refuses right credentials too, for a minute, and checks nothing', async () => {
      const { gateway, clock, credentials } = await blocked();
      expect(await codeOf(() => gateway.authenticate(ORIGIN, ALICE))).toBe('auth_required');
      clock.advance(59_000);
      expect(await codeOf(() => gateway.authenticate(ORIGIN, ALICE))).toBe('auth_required');
      expect(credentials.checks).toBe(10);
      clock.advance(1_001);
      expect(gateway.authenticate(ORIGIN, ALICE)).toMatchObject({ connectionId: 'c1' });
    });

    it('lets other addresses, other users and other ports in', async () => {
      const other = connectionRow({ id: 'c2', port: 30_001 });
      const { gateway } = await blocked([connectionRow(), other]);
      const elsewhere = { ...ORIGIN, address: '192.0.2.2' };
      expect(gateway.authenticate(elsewhere, ALICE)).toMatchObject({ connectionId: 'c1' });
      expect(gateway.authenticate({ ...ORIGIN, port: 30_001 }, ALICE)).toMatchObject({ connectionId: 'c2' });
    });

    it('takes an IPv6 network for one client', async () => {
      const { gateway } = await startRouting([connectionRow()]);
      for (let i = 0; i < 10; i += 1) {
        await codeOf(() => gateway.authenticate({ ...ORIGIN, address: `2001:db8::${i}` }, WRONG));
      }
      const neighbour = { ...ORIGIN, address: '2001:db8::ffff:1' };
      expect(await codeOf(() => gateway.authenticate(neighbour, ALICE))).toBe('auth_required');
      const other = { ...ORIGIN, address: '2001:db8:0:1::1' };
      expect(gateway.authenticate(other, ALICE)).toMatchObject({ connectionId: 'c1' });
    });

    it('tells nothing to attempts whose slow checks were under way', async () => {
      const { gateway, credentials } = await startRouting([connectionRow()]);
      const checks = Promise.withResolvers<void>();
      credentials.verify = async (credential, password) => {
        await checks.promise;
        return credential.hash === password;
      };
      const guesses = [...Array(10).fill(WRONG), ALICE].map((guess) =>
        codeOf(() => gateway.authenticate(ORIGIN, guess)),
      );
      checks.resolve();
      expect(new Set(await Promise.all(guesses))).toEqual(new Set(['auth_required']));
    });
  });

  it('knows no connection while the database was never read', async () => {
    const { gateway } = await startRouting([]);
    expect(await codeOf(() => gateway.authenticate(ORIGIN, ALICE))).toBe('auth_required');
  });
});

describe('admission', () => {
  it.each([
    ['connection_disabled', { enabled: false }],
    ['connection_expired', { expiresAt: new Date(0) }],
    ['quota_exceeded', { quotaBytes: 100, usedBytes: 100 }],
    ['too_many_flows', { maxFlows: 0 }],
  ] as const)('refuses with %s, TCP and UDP, and dials nothing', async (code, changes) => {
    const { gateway, tunnels } = await startRouting([connectionRow(changes)]);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    expect(await codeOf(() => gateway.openFlow(access, WEB))).toBe(code);
    expect(await codeOf(() => gateway.openUdpAssociation(access, () => {}))).toBe(code);
    expect(tunnels.dialled).toEqual([]);
    expect(tunnels.channel).toBeNull();
  });

  it('passes the limit of flows with none of many parallel ones', async () => {
    const { gateway } = await startRouting([connectionRow({ maxFlows: 3 })]);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => gateway.openFlow(access, WEB)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  it('gives the place of a failed, abandoned or closed flow to the next', async () => {
    const { gateway, tunnels } = await startRouting([connectionRow({ maxFlows: 1 })]);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    tunnels.failure = 'connection_refused';
    expect(await codeOf(() => gateway.openFlow(access, WEB))).toBe('connection_refused');
    tunnels.failure = null;
    (await gateway.openFlow(access, WEB)).abandon();
    const stream = (await gateway.openFlow(access, WEB)).asStream();
    expect(await codeOf(() => gateway.openFlow(access, WEB))).toBe('too_many_flows');
    stream.resume().end();
    await once(stream, 'close');
    (await gateway.openFlow(access, WEB)).abandon();
  });

  it('says that the phone is offline', async () => {
    const { gateway, tunnels } = await startRouting([connectionRow()]);
    tunnels.online = false;
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    expect(await codeOf(() => gateway.openFlow(access, WEB))).toBe('device_offline');
  });

  it('passes on whether private destinations are allowed', async () => {
    const { gateway, tunnels } = await startRouting([connectionRow({ allowPrivateDestinations: true })]);
    (await gateway.openFlow(gateway.authenticate(ORIGIN, ALICE) as Access, WEB)).abandon();
    expect(tunnels.dialled).toEqual([{ ...WEB, allowPrivate: true }]);
  });

  it('refuses a flow whose connection was disabled while it was dialled', async () => {
    const { gateway, tunnels, store, bus, directory } = await startRouting([connectionRow()]);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    const gate = Promise.withResolvers<void>();
    tunnels.gate = gate.promise;
    const opening = codeOf(() => gateway.openFlow(access, WEB));
    store.rows = [connectionRow({ enabled: false, version: 2 })];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect.poll(() => directory.byId('c1')?.snapshot.version).toBe(2);
    gate.resolve();
    expect(await opening).toBe('connection_disabled');
  });
});

describe('a joined flow', () => {
  it('is counted in both directions', async () => {
    const { gateway, directory } = await startRouting([connectionRow()]);
    const stream = (await gateway.openFlow(gateway.authenticate(ORIGIN, ALICE) as Access, WEB)).asStream();
    stream.write('12345');
    await once(stream, 'data');
    expect(directory.byId('c1')?.usage.meter).toEqual({ up: 5, down: 5 });
    expect(directory.byId('c1')?.usedBytes).toBe(10);
    stream.destroy();
  });

  it.each([
    ['disabled', { enabled: false }],
    ['given a new password', { credential: { scheme: 'hmac-sha256', hash: 'new' } }],
    ['expired', { expiresAt: new Date(0) }],
    ['given a quota that is spent', { quotaBytes: 1, usedBytes: 1 }],
  ] as const)('ends when its connection is %s', async (_name, changes) => {
    const { gateway, store, bus } = await startRouting([connectionRow()]);
    const [client, ours] = duplexPair();
    const flow = await gateway.openFlow(gateway.authenticate(ORIGIN, ALICE) as Access, WEB);
    const closed = flow.join(ours);
    client.on('error', () => {});
    store.rows = [connectionRow({ ...changes, version: 2 })];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await closed;
  });

  it('ends when its address is taken off the allowlist, and those of other clients go on', async () => {
    const before = connectionRow({ allowlist: ['192.0.2.1', '192.0.2.2'] });
    const { gateway, store, bus } = await startRouting([before]);
    const open = async (address: string, credentials: typeof ALICE | null) => {
      const [client, ours] = duplexPair();
      const access = gateway.authenticate({ ...ORIGIN, address }, credentials) as Access;
      const closed = (await gateway.openFlow(access, WEB)).join(ours);
      client.on('error', () => {});
      return { client, closed };
    };
    const removed = await open('192.0.2.1', null);
    const kept = await open('192.0.2.2', null);
    const byPassword = await open('192.0.2.3', ALICE);
    store.rows = [{ ...before, allowlist: ['192.0.2.2'], version: 2 }];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await removed.closed;
    for (const { client } of [kept, byPassword]) {
      client.write('still here');
      expect(String((await once(client, 'data'))[0])).toBe('still here');
    }
  });

  it('ends by itself when its time is over', async () => {
    const { gateway, clock } = await startRouting([
      connectionRow({ expiresAt: new Date(Date.UTC(2026, 0, 1, 0, 1)) }),
    ]);
    const [client, ours] = duplexPair();
    client.on('error', () => {});
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    const closed = (await gateway.openFlow(access, WEB)).join(ours);
    clock.advance(59_000);
    client.write('still here');
    await once(client, 'data');
    clock.advance(2_000);
    await closed;
    expect(await codeOf(() => gateway.openFlow(access, WEB))).toBe('connection_expired');
  });

  it('ends with the chunk that spends the quota, and all others of its connection with it', async () => {
    const { gateway, directory } = await startRouting([connectionRow({ quotaBytes: 100_000 })]);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    const flows = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const [client, ours] = duplexPair();
        client.on('error', () => {});
        client.resume();
        return { client, closed: (await gateway.openFlow(access, WEB)).join(ours) };
      }),
    );
    for (const { client } of flows) client.write(Buffer.alloc(4_000));
    await Promise.all(flows.map(({ closed }) => closed));
    const { usedBytes } = directory.byId('c1')!;
    expect(usedBytes).toBeGreaterThanOrEqual(100_000);
    expect(usedBytes).toBeLessThanOrEqual(104_000);
    expect(await codeOf(() => gateway.openFlow(access, WEB))).toBe('quota_exceeded');
  });

  it('goes on when only the name of its connection changes', async () => {
    const { gateway, store, bus, directory } = await startRouting([connectionRow()]);
    const stream = (await gateway.openFlow(gateway.authenticate(ORIGIN, ALICE) as Access, WEB)).asStream();
    store.rows = [connectionRow({ name: 'renamed', version: 2 })];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect.poll(() => directory.byId('c1')?.snapshot.name).toBe('renamed');
    stream.write('still here');
    expect(String((await once(stream, 'data'))[0])).toBe('still here');
    stream.destroy();
  });

  it('ends when the stream is given up without an orderly end', async () => {
    const { gateway, directory, liveFlows } = await startRouting([connectionRow()]);
    const stream = (await gateway.openFlow(gateway.authenticate(ORIGIN, ALICE) as Access, WEB)).asStream();
    stream.destroy();
    await expect.poll(() => directory.byId('c1')?.openFlows).toBe(0);
    expect(liveFlows.size).toBe(0);
  });

  it('of two dead ends is closed at once', async () => {
    const { gateway, directory, tunnels } = await startRouting([connectionRow()]);
    const flow = await gateway.openFlow(gateway.authenticate(ORIGIN, ALICE) as Access, WEB);
    const [, client] = duplexPair();
    const gone = Promise.all([once(client, 'close'), once(tunnels.streams[0]!, 'close')]);
    client.destroy();
    tunnels.streams[0]!.destroy();
    await gone;
    await flow.join(client);
    expect(directory.byId('c1')?.openFlows).toBe(0);
  });

  it('ends after five idle minutes, not before', async () => {
    const { gateway, clock, liveFlows } = await startRouting([connectionRow()]);
    const stream = (await gateway.openFlow(gateway.authenticate(ORIGIN, ALICE) as Access, WEB)).asStream();
    clock.advance(200_000);
    stream.write('x');
    await once(stream, 'data');
    clock.advance(299_000);
    expect(liveFlows.size).toBe(1);
    clock.advance(2_000);
    await expect.poll(() => liveFlows.size).toBe(0);
    stream.destroy();
  });
});

describe('a UDP association', () => {
  const datagram = { host: '192.0.2.9', port: 53, data: Buffer.from('query') };

  it('counts the datagrams that pass, payload only', async () => {
    const { gateway, tunnels, directory } = await startRouting([connectionRow()]);
    const received: string[] = [];
    const association = await gateway.openUdpAssociation(
      gateway.authenticate(ORIGIN, ALICE) as Access,
      (d) => {
        received.push(String(d.data));
      },
    );
    association.send(datagram);
    tunnels.channel!.full = true;
    association.send(datagram);
    tunnels.channel!.deliver({ ...datagram, data: Buffer.from('ok') });
    expect(received).toEqual(['ok']);
    expect(directory.byId('c1')?.usage.meter).toEqual({ up: 5, down: 2 });
    association.close();
    await association.closed;
  });

  it('ends at the first datagram past the quota', async () => {
    const { gateway, tunnels } = await startRouting([connectionRow({ quotaBytes: 8 })]);
    const association = await gateway.openUdpAssociation(
      gateway.authenticate(ORIGIN, ALICE) as Access,
      () => {},
    );
    association.send(datagram);
    association.send(datagram);
    association.send(datagram);
    await association.closed;
    expect(tunnels.channel?.sent).toHaveLength(2);
  });
});

describe('the exit address page', () => {
  function get(stream: Duplex): Promise<{ status: number; body: unknown }> {
    return new Promise((resolve, reject) => {
      const request = http.get(
        { createConnection: () => stream, host: 'ip.pocketproxy.internal', path: '/' },
        async (response) => {
          const chunks = await response.toArray();
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
        },
      );
      request.on('error', reject);
    });
  }

  it('answers with the address that the phone has, and counts nothing', async () => {
    const { gateway, directory, tunnels } = await startRouting([connectionRow()]);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    const stream = (
      await gateway.openFlow(access, { host: 'IP.pocketproxy.internal.', port: 80 })
    ).asStream();
    expect(await get(stream)).toEqual({
      status: 200,
      body: { ip: '198.51.100.7', device: 'Pixel', connection: 'acme', deviceId: 'd1', connectionId: 'c1' },
    });
    expect(directory.byId('c1')?.usage.meter).toEqual({ up: 0, down: 0 });
    expect(tunnels.dialled).toEqual([]);
    stream.destroy();
  });

  it('says why it cannot while the phone is offline', async () => {
    const { gateway, tunnels } = await startRouting([connectionRow()]);
    tunnels.online = false;
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    const stream = (await gateway.openFlow(access, { host: 'ip.pocketproxy.internal', port: 80 })).asStream();
    expect(await get(stream)).toMatchObject({ status: 503, body: { code: 'device_offline' } });
    stream.destroy();
  });

  it('is there on port 80 only', async () => {
    const { gateway } = await startRouting([connectionRow()]);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    expect(await codeOf(() => gateway.openFlow(access, { host: 'ip.pocketproxy.internal', port: 443 }))).toBe(
      'destination_refused',
    );
  });
});

describe('a relay at its limit', () => {
  it('refuses new flows of everybody, lets open ones go on, and takes flows again when one has ended', async () => {
    const { gateway, directory } = await startRouting([connectionRow()], 1);
    const access = gateway.authenticate(ORIGIN, ALICE) as Access;
    const destination = { host: 'example.com', port: 80 };
    const stream = (await gateway.openFlow(access, destination)).asStream();
    expect(await codeOf(() => gateway.openFlow(access, destination))).toBe('overloaded');
    expect(await codeOf(() => gateway.openUdpAssociation(access, () => {}))).toBe('overloaded');
    expect(directory.byId('c1')?.openFlows).toBe(1);
    const closed = once(stream, 'close');
    stream.destroy();
    await closed;
    await expect.poll(() => directory.byId('c1')?.openFlows).toBe(0);
    const again = await gateway.openFlow(access, destination);
    again.abandon();
  });
});
