import { FlowError, type GoawayReason } from '@pocketproxy/protocol';
import { describe, expect, it } from 'vitest';
import type { DeviceTunnel } from '../domain/device-tunnel.ts';
import { type RegisteredSession, SessionRegistry } from './session-registry.ts';

class FakeSession implements RegisteredSession {
  readonly deviceId: string;
  usable = true;
  probes = 0;
  dismissed: GoawayReason | null = null;
  readonly #listeners: Array<() => void> = [];
  dial = (() => Promise.reject(new Error('not dialled here'))) as DeviceTunnel['dial'];
  openDatagrams = (() => Promise.reject(new Error('not opened here'))) as DeviceTunnel['openDatagrams'];
  exitIp = () => Promise.resolve('');
  queryDns = (() => Promise.reject(new Error('not asked here'))) as DeviceTunnel['queryDns'];
  order = (() => Promise.reject(new Error('not ordered here'))) as DeviceTunnel['order'];

  constructor(deviceId = 'd1') {
    this.deviceId = deviceId;
  }

  probe(): void {
    this.probes += 1;
  }

  dismiss(reason: GoawayReason): void {
    this.dismissed = reason;
    this.end();
  }

  onClose(listener: () => void): void {
    this.#listeners.push(listener);
  }

  end(): void {
    this.usable = false;
    for (const listener of this.#listeners) listener();
  }
}

function setUp() {
  const events: string[] = [];
  const registry = new SessionRegistry({
    connected: (id) => events.push(`+${id}`),
    disconnected: (id) => events.push(`-${id}`),
  });
  return { registry, events };
}

describe('the registry of sessions', () => {
  it('gives new flows to the newest usable session', () => {
    const { registry } = setUp();
    const [first, second] = [new FakeSession(), new FakeSession()];
    registry.add(first);
    registry.add(second);
    expect(registry.pick('d1')).toBe(second);
    second.usable = false;
    expect(registry.pick('d1')).toBe(first);
  });

  it('refuses a device without a session', () => {
    const { registry } = setUp();
    expect(() => registry.pick('d1')).toThrow(FlowError);
  });

  it('probes the older session when a newer one arrives, and keeps the newer when the older ends', () => {
    const { registry, events } = setUp();
    const [old, young] = [new FakeSession(), new FakeSession()];
    registry.add(old);
    registry.add(young);
    expect(old.probes).toBe(1);
    expect(young.probes).toBe(0);
    old.end();
    expect(registry.pick('d1')).toBe(young);
    expect(events).toEqual(['+d1']);
  });

  it('tells of a device once when it comes and once when its last session goes', () => {
    const { registry, events } = setUp();
    const [first, second] = [new FakeSession(), new FakeSession()];
    registry.add(first);
    registry.add(second);
    second.end();
    first.end();
    first.end();
    expect(events).toEqual(['+d1', '-d1']);
    expect(registry.size).toBe(0);
  });

  it('tells of every session that becomes ready, until it is no longer asked to', () => {
    const { registry } = setUp();
    const ready: string[] = [];
    const stop = registry.onSession((id) => ready.push(id));
    registry.add(new FakeSession());
    registry.add(new FakeSession());
    registry.add(new FakeSession('d2'));
    stop();
    registry.add(new FakeSession('d3'));
    expect(ready).toEqual(['d1', 'd1', 'd2']);
    expect([...registry.connectedDevices()]).toEqual(['d1', 'd2', 'd3']);
  });

  it('says whether a device has a session that takes new work', () => {
    const { registry } = setUp();
    const session = new FakeSession();
    registry.add(session);
    expect([registry.has('d1'), registry.has('d2')]).toEqual([true, false]);
    session.usable = false;
    expect(registry.has('d1')).toBe(false);
  });
});
