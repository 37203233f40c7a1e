import { FlowError } from '@pocketproxy/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { DeviceSessions } from '../domain/device-tunnel.ts';
import { connectionRow, FakeTunnels } from './testing/fakes.ts';
import { startRouting } from './testing/routing.ts';
import { VpnGate } from './vpn-gate.ts';

/** Devices that come and go. */
class FakeDevices extends FakeTunnels implements DeviceSessions {
  readonly listeners = new Set<(deviceId: string) => void>();

  has(): boolean {
    return this.online;
  }

  connectedDevices(): Iterable<string> {
    return [];
  }

  onSession(listener: (deviceId: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

const LOGIN = { username: 'alice', password: 'secret', address: '198.51.100.7' };

async function start(changes: Parameters<typeof connectionRow>[0] = {}) {
  const routing = await startRouting([connectionRow(changes)]);
  const devices = new FakeDevices();
  const { directory, credentials, gate, clock } = routing;
  const vpn = new VpnGate({ directory, devices, credentials, gate, clock });
  const admit = (login: Partial<typeof LOGIN> = {}, end = () => {}) => vpn.admit({ ...LOGIN, ...login }, end);
  const change = async (fields: Parameters<typeof connectionRow>[0]) => {
    routing.store.rows = [connectionRow({ ...changes, ...fields, version: 2 })];
    await routing.bus.publish({ type: 'connection.changed', id: 'c1' });
  };
  return { ...routing, devices, vpn, admit, change };
}

const refused = (code: string) => expect.objectContaining({ code });

describe('the gate of the VPN', () => {
  it('lets in by user name and password, or by an address that needs none', async () => {
    const { admit } = await start({ allowlist: ['203.0.113.0/24'] });
    expect((await admit()).access).toMatchObject({ connectionId: 'c1', deviceId: 'd1' });
    expect((await admit({ address: '203.0.113.9', password: '' })).access.connectionId).toBe('c1');
    await expect(admit({ password: 'wrong' })).rejects.toEqual(refused('auth_required'));
    await expect(admit({ username: 'bob' })).rejects.toEqual(refused('auth_required'));
  });

  it('checks a password for users that do not exist, too', async () => {
    const { admit, credentials } = await start();
    await admit({ username: 'bob' }).catch(() => {});
    expect(credentials.checks).toBe(1);
  });

  it('blocks a client after ten failures for a user, and nobody else', async () => {
    const { admit, clock } = await start();
    for (let count = 0; count < 10; count += 1) await admit({ password: 'wrong' }).catch(() => {});
    await expect(admit()).rejects.toEqual(refused('auth_required'));
    await admit({ address: '198.51.100.8' });
    clock.advance(60_000);
    await admit();
  });

  it.each([
    ['connection_disabled', { enabled: false }],
    ['connection_expired', { expiresAt: new Date(0) }],
    ['quota_exceeded', { quotaBytes: 10, usedBytes: 10 }],
  ] as const)('refuses with %s', async (code, changes) => {
    const { admit } = await start(changes);
    await expect(admit()).rejects.toEqual(refused(code));
  });

  it('counts sessions against the limit of flows', async () => {
    const { admit } = await start({ maxFlows: 2 });
    const first = await admit();
    await admit();
    await expect(admit()).rejects.toEqual(refused('too_many_flows'));
    first.leave();
    await admit();
  });

  it.each([
    ['disabled', { enabled: false }],
    ['given another password', { credential: { scheme: 'hmac-sha256', hash: 'new' } }],
    ['given to another phone', { deviceId: 'd2' }],
    ['out of quota', { quotaBytes: 5, usedBytes: 5 }],
  ] as const)('ends sessions of a connection that is %s, once', async (_what, fields) => {
    const { admit, change } = await start();
    const end = vi.fn();
    await admit({}, end);
    await change(fields);
    await expect.poll(() => end.mock.calls.length).toBe(1);
    await change({ ...fields, enabled: false });
    expect(end).toHaveBeenCalledOnce();
  });

  it('ends sessions when the time of their connection is over', async () => {
    const { admit, clock } = await start({ expiresAt: new Date(Date.UTC(2026, 0, 1) + 5_000) });
    const end = vi.fn();
    await admit({}, end);
    clock.advance(6_000);
    expect(end).toHaveBeenCalledOnce();
  });

  it('keeps sessions through a rotation, and lets clients in meanwhile', async () => {
    const { admit, directory, gate, devices } = await start();
    const end = vi.fn();
    await admit({}, end);
    devices.online = false;
    gate.hold('d1', 30);
    directory.endFlowsOf('d1');
    expect(end).not.toHaveBeenCalled();
    await admit();
  });

  it('waits for a phone that is away for a moment', async () => {
    const { admit, devices, clock } = await start();
    devices.online = false;
    const coming = admit();
    await expect.poll(() => devices.listeners.size).toBe(1);
    for (const listener of devices.listeners) listener('d1');
    await coming;
    const missing = admit().catch((error: unknown) => error);
    await expect.poll(() => devices.listeners.size).toBe(1);
    clock.advance(8_000);
    expect(await missing).toBeInstanceOf(FlowError);
    expect(await missing).toEqual(refused('device_offline'));
    expect(devices.listeners.size).toBe(0);
  });

  it('knows who renews keys', async () => {
    const { admit, vpn, change } = await start();
    const { access } = await admit();
    expect(await vpn.readmit(LOGIN, access)).toBe(true);
    expect(await vpn.readmit({ ...LOGIN, password: 'wrong' }, access)).toBe(false);
    await change({ enabled: false });
    await expect.poll(() => vpn.readmit(LOGIN, access)).toBe(false);
  });
});
