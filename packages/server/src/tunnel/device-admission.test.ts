import { once } from 'node:events';
import http2, { type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceIdentity, DeviceStore } from '../domain/stores.ts';
import { DeviceAdmission } from './device-admission.ts';
import type { Presence } from './presence.ts';
import { SessionRegistry } from './session-registry.ts';

const endings: Array<() => void> = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

const identityWith = (keyFingerprint: string): DeviceIdentity => ({
  ...{ deviceId: 'd1', organizationId: 'o1', name: 'Pixel', keyFingerprint },
});

/** Admits phones without TLS, which is the listener's business. */
function setUp() {
  const store = { key: 'old', broken: false };
  const identity: DeviceStore['identity'] = async () => {
    if (store.broken) throw new Error('database is away');
    return identityWith(store.key);
  };
  const clock = new FakeClock();
  const registry = new SessionRegistry({ connected: () => {}, disconnected: () => {} });
  const presence = { follow: () => new Promise<void>(() => {}) } as unknown as Presence;
  const admission = new DeviceAdmission({
    ...{ devices: { identity }, registry, presence, clock, log: silentLogger() },
  });
  /** A phone with this key; it is ready for flows when `beReady` is called. */
  const dial = async (keyFingerprint: string) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [phone] = await once(server, 'connection');
    phone.on('error', () => {});
    endings.push(() => {
      phone.destroy();
      server.close();
    });
    void admission.admit(socket as TLSSocket, { deviceId: 'd1', keyFingerprint });
    const state = { reason: null as string | null };
    const beReady = () => {
      const session = http2.performServerHandshake(phone);
      session.on('error', () => {});
      session.on('goaway', (_code, _last, data) => {
        // A second frame, without a reason, goes with the end of the session.
        state.reason ??= String(data);
      });
      session.on('stream', (stream: ServerHttp2Stream) => {
        stream.on('error', () => {});
        stream.respond({ ':status': 200 });
      });
    };
    return { state, beReady, phone };
  };
  return { store, clock, registry, admission, dial };
}

describe('the admission of devices', () => {
  it('refuses a phone whose key is replaced while it is being admitted', async () => {
    const { store, registry, admission, dial } = setUp();
    const { phone, beReady } = await dial('old');
    store.key = 'new';
    await admission.recheck('d1');
    beReady();
    await expect.poll(() => phone.destroyed).toBe(true);
    expect(registry.has('d1')).toBe(false);
  });

  it('keeps a phone with the new key, however late it is told that the old one was replaced', async () => {
    const { store, registry, admission, dial } = setUp();
    const old = await dial('old');
    old.beReady();
    await expect.poll(() => registry.has('d1')).toBe(true);
    store.key = 'new';
    const next = await dial('new');
    next.beReady();
    await expect.poll(() => [...registry.connectedDevices()]).toEqual(['d1']);
    await admission.recheck('d1');
    await expect.poll(() => old.state.reason).toBe('revoked');
    await expect.poll(() => old.phone.destroyed).toBe(true);
    await expect.poll(() => registry.has('d1')).toBe(true);
    expect([next.state.reason, next.phone.destroyed]).toEqual([null, false]);
  });

  it('checks every key again after changes may have been missed, until the database answers', async () => {
    const { store, clock, registry, admission, dial } = setUp();
    const { beReady, state } = await dial('old');
    beReady();
    await expect.poll(() => registry.has('d1')).toBe(true);
    store.key = 'new';
    store.broken = true;
    await admission.recheckAll();
    expect(registry.has('d1')).toBe(true);
    store.broken = false;
    clock.advance(1_000);
    await expect.poll(() => state.reason).toBe('revoked');
    await expect.poll(() => registry.has('d1')).toBe(false);
  });
});
