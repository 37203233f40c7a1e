import { once } from 'node:events';
import { FlowError } from '@pocketproxy/protocol';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../domain/connection.ts';
import type { Access } from '../domain/ingress.ts';
import { connectionRow } from './testing/fakes.ts';
import { startRouting } from './testing/routing.ts';

const ORIGIN = { port: 30_000, address: '192.0.2.1' };
const WEB = { host: 'example.com', port: 443 };

async function setUp(changes: Partial<Connection> = {}) {
  const routing = await startRouting([connectionRow(changes)]);
  const { gateway, directory } = routing;
  const access = gateway.authenticate(ORIGIN, { username: 'alice', password: 'secret' }) as Access;
  /** The error code of a flow that is opened now, or what it echoes. */
  const open = async (signal?: AbortSignal): Promise<string> => {
    try {
      const stream = (await gateway.openFlow(access, WEB, signal)).asStream();
      stream.write('echo');
      const [chunk] = await once(stream, 'data');
      stream.destroy();
      return String(chunk);
    } catch (error) {
      if (error instanceof FlowError) return error.code;
      throw error;
    }
  };
  const openFlows = () => directory.byId('c1')!.openFlows;
  return { ...routing, access, open, openFlows };
}

describe('a rotation', () => {
  it('ends all flows of its device, TCP and UDP, joined or not, and none of other devices', async () => {
    const { gateway, gate, access, openFlows } = await setUp();
    const joined = (await gateway.openFlow(access, WEB)).asStream();
    joined.on('error', () => {}).resume();
    const unjoined = await gateway.openFlow(access, WEB);
    const association = await gateway.openUdpAssociation(access, () => {});
    gate.hold('other', 30_000);
    expect(openFlows()).toBe(3);
    gate.hold('d1', 30_000);
    await Promise.all([once(joined, 'close'), association.closed]);
    const late = unjoined.asStream();
    late.on('error', () => {});
    await once(late, 'close');
    await expect.poll(openFlows).toBe(0);
  });

  it('lets new flows wait and go on when it is over, the phone having had no tunnel meanwhile', async () => {
    const { gateway, gate, tunnels, access, open } = await setUp();
    gate.hold('d1', 30_000);
    tunnels.online = false;
    const flows = [open(), open()];
    const association = gateway.openUdpAssociation(access, () => {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(tunnels.dialled).toEqual([]);
    tunnels.online = true;
    gate.release('d1');
    expect(await Promise.all(flows)).toEqual(['echo', 'echo']);
    (await association).close();
  });

  it('lets flows wait no longer than the device allows, further attempts included', async () => {
    const { gate, clock, tunnels, open, openFlows } = await setUp();
    gate.hold('d1', 30_000);
    const waiting = open();
    clock.advance(29_000);
    gate.hold('d1', 30_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(openFlows()).toBe(1);
    clock.advance(1_000);
    expect(await waiting).toBe('rotation_timeout');
    expect(openFlows()).toBe(0);
    expect(tunnels.dialled).toEqual([]);
  });

  it('refuses flows at once where the device lets none wait', async () => {
    const { gate, open } = await setUp();
    gate.hold('d1', 0);
    expect(await open()).toBe('rotation_timeout');
  });

  it('counts waiting flows as open', async () => {
    const { gate, open } = await setUp({ maxFlows: 2 });
    gate.hold('d1', 30_000);
    const waiting = [open(), open()];
    expect(await open()).toBe('too_many_flows');
    gate.release('d1');
    expect(await Promise.all(waiting)).toEqual(['echo', 'echo']);
  });

  it('forgets a waiting flow whose client goes away', async () => {
    const { gateway, gate, access, open, openFlows } = await setUp();
    gate.hold('d1', 30_000);
    const client = new AbortController();
    const waiting = open(client.signal);
    const association = gateway.openUdpAssociation(access, () => {}, client.signal);
    client.abort();
    expect(await waiting).toBe('request_timeout');
    await expect(association).rejects.toMatchObject({ code: 'request_timeout' });
    expect(openFlows()).toBe(0);
  });

  it('lets at most 1,000 flows of a device wait', async () => {
    const { gate, open } = await setUp();
    gate.hold('d1', 30_000);
    const waiting = Array.from({ length: 1_000 }, () => open());
    expect(await open()).toBe('overloaded');
    gate.release('d1');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['echo']));
  });

  it('dials a flow anew that was being dialled when it began', async () => {
    const { gate, tunnels, open } = await setUp();
    const answer = Promise.withResolvers<void>();
    tunnels.gate = answer.promise;
    const opening = open();
    gate.hold('d1', 30_000);
    answer.resolve();
    await expect.poll(() => tunnels.streams.length).toBe(1);
    expect(tunnels.streams[0]?.destroyed).toBe(true);
    gate.release('d1');
    expect(await opening).toBe('echo');
    expect(tunnels.dialled).toHaveLength(2);
  });

  it.each([
    ['disabled', { enabled: false }, 'connection_disabled'],
    ['given a new password', { credential: { scheme: 'hmac-sha256', hash: 'new' } }, 'auth_required'],
    ['out of quota', { quotaBytes: 0 }, 'quota_exceeded'],
  ] as const)('refuses a waiting flow whose connection is %s', async (_name, changes, code) => {
    const { gate, store, bus, directory, tunnels, open } = await setUp();
    gate.hold('d1', 30_000);
    const waiting = open();
    store.rows = [connectionRow({ ...changes, version: 2 })];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect.poll(() => directory.byId('c1')?.snapshot.version).toBe(2);
    gate.release('d1');
    expect(await waiting).toBe(code);
    expect(tunnels.dialled).toEqual([]);
  });

  it('lets the exit address page wait as well', async () => {
    const { gateway, gate, access } = await setUp();
    gate.hold('d1', 30_000);
    let opened = false;
    const page = gateway.openFlow(access, { host: 'ip.pocketproxy.internal', port: 80 }).then((flow) => {
      opened = true;
      flow.abandon();
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened).toBe(false);
    gate.release('d1');
    await page;
  });
});

describe('a connection that is given a new password', () => {
  it('gives up a flow that is being dialled with the old one', async () => {
    const { tunnels, store, bus, open } = await setUp();
    const answer = Promise.withResolvers<void>();
    tunnels.gate = answer.promise;
    const opening = open();
    store.rows = [connectionRow({ credential: { scheme: 'hmac-sha256', hash: 'new' }, version: 2 })];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    answer.resolve();
    expect(await opening).toBe('auth_required');
    expect(tunnels.streams[0]?.destroyed).toBe(true);
  });
});
