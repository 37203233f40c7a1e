import { PassThrough } from 'node:stream';
import type { Hello, Telemetry } from '@pocketproxy/protocol';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import type { DeviceStore, DeviceTelemetryRow } from '../domain/stores.ts';
import { ExitAddresses } from './exit-addresses.ts';
import { Presence } from './presence.ts';

const TELEMETRY: Telemetry = {
  type: 'telemetry',
  carrier: 'Vodafone',
  networkType: '5G',
  signalDbm: -87,
  batteryPercent: 82,
  batteryCharging: true,
  egressAddress: '100.72.1.9',
  interfaces: null,
};
const HELLO: Hello = {
  type: 'hello',
  agentVersion: '0.1.0',
  platform: 'simulated',
  model: null,
  osVersion: null,
  capabilities: ['tcp'],
  missing: [],
};

function setUp() {
  const written: string[] = [];
  const rows: DeviceTelemetryRow[] = [];
  const gates: Array<() => void> = [];
  const database = { away: false, refused: 0 };
  const slow = (what: string) =>
    new Promise<void>((resolve) => {
      gates.push(() => {
        written.push(what);
        resolve();
      });
    });
  const devices = {
    markConnected: async (id: string) => {
      if (database.away) {
        database.refused += 1;
        throw new Error('away');
      }
      await slow(`+${id}`);
    },
    markDisconnected: (id: string) => slow(`-${id}`),
    recordHello: async (id: string, hello: Hello) => void written.push(`hello ${id} ${hello.platform}`),
    recordTelemetry: async (batch: readonly DeviceTelemetryRow[]) => {
      if (database.away) throw new Error('away');
      rows.push(...batch);
    },
    recordExitIp: async (id: string, ip: string) => void written.push(`exit ${id} ${ip}`),
  } as Partial<DeviceStore> as DeviceStore;
  const clock = new FakeClock();
  const log = silentLogger();
  const exitAddresses = new ExitAddresses({ devices, clock, log, random: Math.random });
  const presence = new Presence({ relayId: 'r1', devices, exitAddresses, clock, log });
  const stream = new PassThrough();
  let exits = 0;
  const session = {
    deviceId: 'd1',
    openTelemetry: async () => stream,
    exitIp: async () => `198.51.100.${++exits}`,
    destroyed: false,
    destroy() {
      this.destroyed = true;
      stream.destroy();
    },
  };
  const line = (value: object) => stream.write(`${JSON.stringify(value)}\n`);
  return { presence, clock, stream, session, line, written, rows, gates, database };
}

describe('presence', () => {
  it('stores hello, the latest telemetry once a second, and the exit address whenever the egress changes', async () => {
    const { presence, clock, session, line, written, rows } = setUp();
    void presence.follow(session);
    line(HELLO);
    line(TELEMETRY);
    line({ ...TELEMETRY, batteryPercent: 81 });
    line({ ...TELEMETRY, egressAddress: null });
    line({ ...TELEMETRY, egressAddress: '100.72.8.41' });
    await expect
      .poll(() => written)
      .toEqual(['hello d1 simulated', 'exit d1 198.51.100.1', 'exit d1 198.51.100.2']);
    clock.advance(1_000);
    await expect.poll(() => rows.length).toBe(1);
    expect(rows[0]?.telemetry.egressAddress).toBe('100.72.8.41');
  });

  it('tries again what could not be stored, unless the device has said something newer', async () => {
    const { presence, clock, session, line, written, rows, database } = setUp();
    void presence.follow(session);
    database.away = true;
    line(HELLO);
    line(TELEMETRY);
    await expect.poll(() => written.length).toBe(2);
    clock.advance(1_000);
    // Another address, so that it can be seen when the line was taken in.
    line({ ...TELEMETRY, batteryPercent: 12, egressAddress: '100.72.8.41' });
    await expect.poll(() => written.length).toBe(3);
    await presence.stop();
    database.away = false;
    await presence.stop();
    expect(rows.map((row) => row.telemetry.batteryPercent)).toEqual([12]);
  });

  it('reads lines that arrive in pieces', async () => {
    const { presence, session, stream, written } = setUp();
    void presence.follow(session);
    const text = `${JSON.stringify(HELLO)}\n`;
    stream.write(text.slice(0, 20));
    stream.write(text.slice(20));
    await expect.poll(() => written).toEqual(['hello d1 simulated']);
  });

  it.each([
    ['that is no JSON', 'nonsense\n'],
    ['of an unknown kind', '{"type":"gossip"}\n'],
    ['without an end', 'x'.repeat(20_000)],
  ])('ends a session that sends a line %s', async (_name, text) => {
    const { presence, session, stream } = setUp();
    const followed = presence.follow(session);
    stream.write(text);
    await followed;
    expect(session.destroyed).toBe(true);
  });

  it('ends a session without a heartbeat for 120 s', async () => {
    const { presence, clock, session, line, written } = setUp();
    const followed = presence.follow(session);
    line(HELLO);
    await expect.poll(() => written).toEqual(['hello d1 simulated']);
    clock.advance(119_999);
    expect(session.destroyed).toBe(false);
    clock.advance(1);
    await followed;
    expect(session.destroyed).toBe(true);
  });

  it('tells of a phone that came while the database was away, once that answers', async () => {
    const { presence, clock, gates, written, database } = setUp();
    database.away = true;
    presence.connected('d1');
    await expect.poll(() => database.refused).toBe(1);
    database.away = false;
    await expect
      .poll(() => {
        clock.advance(1_000);
        return gates.length;
      })
      .toBe(1);
    gates[0]?.();
    expect(written).toEqual(['+d1']);
  });

  it('does not tell late of a phone that has gone since', async () => {
    const { presence, clock, gates, written, database } = setUp();
    database.away = true;
    presence.connected('d1');
    presence.disconnected('d1');
    await expect.poll(() => gates.length).toBe(1);
    gates[0]?.();
    database.away = false;
    clock.advance(10_000);
    await presence.stop();
    expect(written).toEqual(['-d1']);
  });

  it('writes coming and going in order, however slow the database is', async () => {
    const { presence, gates, written } = setUp();
    presence.connected('d1');
    presence.disconnected('d1');
    presence.connected('d1');
    for (let i = 0; i < 3; i++) {
      await expect.poll(() => gates.length).toBe(i + 1);
      gates[i]?.();
    }
    await expect.poll(() => written).toEqual(['+d1', '-d1', '+d1']);
  });
});
