import { randomUUID } from 'node:crypto';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { asc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { organization } from '../db/auth-schema.ts';
import { PostgresBus } from '../db/bus.ts';
import type { Db } from '../db/database.ts';
import { DeviceStatusRepository } from '../db/device-status-repository.ts';
import { PostgresDeviceStore } from '../db/device-store.ts';
import { deviceStatusLog } from '../db/device-work-schema.ts';
import { notificationChannels, notificationDeliveries } from '../db/notification-schema.ts';
import { devices, relays } from '../db/schema.ts';
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { insertDevice, insertRelay, TEST_ORGANIZATION } from '../db/test-rows.ts';
import { deviceStatus } from '../domain/device-status.ts';
import { DeviceMonitor } from './device-monitor.ts';

const EVENTS = ['device.offline', 'device.recovered', 'agent.outdated'];
const start = Date.UTC(2026, 4, 1);

let server: TestDatabase;
let db: Db;
let bus: PostgresBus;
let clock: FakeClock;
let monitor: DeviceMonitor;
let store: PostgresDeviceStore;
let relayId: string;
let deviceId: string;

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
  bus = new PostgresBus(server.database.address, silentLogger());
  await bus.start();
});
afterAll(async () => {
  await bus.stop();
  await server.stop();
});

beforeEach(async () => {
  await db.execute(sql`truncate relays, organization cascade`);
  clock = new FakeClock(start);
  monitor = newMonitor();
  store = new PostgresDeviceStore(db, randomUUID);
  relayId = await insertRelay(db, { heartbeatAt: new Date(start) });
  deviceId = (await insertDevice(db, relayId, { name: 'Berlin 1', createdAt: new Date(start) })).id;
  await insertChannel(TEST_ORGANIZATION);
});

function newMonitor() {
  const repository = new DeviceStatusRepository(db);
  return new DeviceMonitor({ db, repository, bus, clock, log: silentLogger(), serverVersion: '1.2.0' });
}

async function insertChannel(organizationId: string): Promise<string> {
  const id = randomUUID();
  await db.insert(notificationChannels).values({
    ...{ id, organizationId, name: 'Ops', type: 'email', target: 'ops@example.com', events: EVENTS },
  });
  return id;
}

async function connect(): Promise<void> {
  await heartbeat();
  await store.markConnected(deviceId, relayId, new Date(clock.now()));
  await monitor.check();
}

async function disconnect(): Promise<void> {
  await store.markDisconnected(deviceId, relayId, new Date(clock.now()));
  await monitor.check();
}

async function heartbeat(): Promise<void> {
  await db.update(relays).set({ heartbeatAt: new Date(clock.now()) });
}

/** Time passes and the monitor looks every ten seconds. */
async function pass(seconds: number): Promise<void> {
  for (let done = 0; done < seconds; done += 10) {
    clock.advance(Math.min(10, seconds - done) * 1000);
    await heartbeat();
    await monitor.check();
  }
}

async function logged(): Promise<[string, number][]> {
  const rows = await db
    .select()
    .from(deviceStatusLog)
    .where(eq(deviceStatusLog.deviceId, deviceId))
    .orderBy(asc(deviceStatusLog.at));
  return rows.map(({ status, at }) => [status, (at.getTime() - start) / 1000]);
}

/** Which messages were queued, in order, and after how many seconds. */
async function told(): Promise<[string, number][]> {
  const rows = await db.select().from(notificationDeliveries).orderBy(asc(notificationDeliveries.id));
  return rows.map(({ event, createdAt }) => [event, (createdAt.getTime() - start) / 1000]);
}

test('the status in SQL is the status of the domain', async () => {
  await db.execute(sql`truncate relays cascade`);
  const now = clock.now();
  const ago = (seconds: number | null) => (seconds === null ? null : new Date(now - seconds * 1000));
  const expected: string[] = [];
  for (const beat of [0, 29.999, 30, 31, 500]) {
    const relay = await insertRelay(db, { heartbeatAt: ago(beat)! });
    for (const connectedRelayId of [relay, null]) {
      for (const seen of [null, 0, 119.999, 120, 500]) {
        const lastSeenAt = ago(seen);
        await insertDevice(db, relay, { connectedRelayId, lastSeenAt, loggedStatus: 'reconnecting' });
        const relayHeartbeatAt = connectedRelayId === null ? null : ago(beat);
        expected.push(deviceStatus({ connectedRelayId, lastSeenAt, relayHeartbeatAt }, now));
      }
    }
  }
  await monitor.check();
  const rows = await db
    .select({ status: devices.loggedStatus })
    .from(devices)
    .orderBy(asc(devices.createdAt));
  expect(rows.map(({ status }) => status)).toEqual(expected);
});

describe('the status log', () => {
  test('holds each change at the time when it happened', async () => {
    await connect();
    await pass(100);
    await disconnect();
    await pass(150);
    await connect();
    expect(await logged()).toEqual([
      ['online', 0],
      ['reconnecting', 100],
      ['offline', 220],
      ['online', 250],
    ]);
  });

  test('is right also when no control process was running meanwhile', async () => {
    await connect();
    clock.advance(100_000);
    await store.markDisconnected(deviceId, relayId, new Date(clock.now()));
    clock.advance(3_600_000);
    await monitor.check();
    expect(await logged()).toEqual([
      ['online', 0],
      ['reconnecting', 100],
      ['offline', 220],
    ]);
    expect(await db.select().from(notificationDeliveries)).toMatchObject([
      {
        event: 'device.offline',
        payload: { deviceId, deviceName: 'Berlin 1', offlineSince: new Date(start + 220_000).toISOString() },
      },
    ]);
  });

  test('and messages are written once by eight processes that look at the same time', async () => {
    const others = Array.from({ length: 8 }, newMonitor);
    const look = () => Promise.all(others.map((other) => other.check()));
    await insertChannel(TEST_ORGANIZATION);
    await heartbeat();
    await store.markConnected(deviceId, relayId, new Date(clock.now()));
    await look();
    await store.markDisconnected(deviceId, relayId, new Date(clock.now()));
    clock.advance(120_000);
    await look();
    await look();
    expect(await logged()).toEqual([
      ['online', 0],
      ['reconnecting', 0.001],
      ['offline', 120],
    ]);
    expect(await told()).toEqual([
      ['device.offline', 120],
      ['device.offline', 120],
    ]);
  });

  test('is written soon after a phone connects, and other processes hear of it', async () => {
    const heard = new Promise<string>((resolve) => {
      bus.subscribe('device.changed', ({ id }) => {
        void logged().then((rows) => rows.length > 0 && resolve(id));
      });
    });
    monitor.start();
    await heartbeat();
    await store.markConnected(deviceId, relayId, new Date(clock.now()));
    await expect
      .poll(async () => {
        // One look may have begun before, and rests after it.
        clock.advance(100);
        return (await logged()).map(([status]) => status);
      })
      .toEqual(['online']);
    expect(await heard).toBe(deviceId);
    await monitor.stop();
  });

  test('is looked at once for all that has changed since the last look', async () => {
    const check = vi.spyOn(monitor, 'check');
    let heard = 0;
    bus.subscribe('device.changed', () => {
      heard += 1;
    });
    monitor.start();
    await check.mock.results[0]?.value;
    for (let time = 0; time < 20; time += 1) await store.markConnected(deviceId, relayId, new Date(start));
    await expect.poll(() => heard).toBeGreaterThanOrEqual(20);
    expect(check).toHaveBeenCalledTimes(1);
    clock.advance(100);
    expect(check).toHaveBeenCalledTimes(2);
    await monitor.stop();
    expect((await logged()).map(([status]) => status)).toEqual(['online']);
  });

  test('forgets what is over for long, and keeps what still holds', async () => {
    const row = (status: 'online' | 'offline', seconds: number) => ({
      ...{ deviceId, status, at: new Date(start + seconds * 1000) },
    });
    await db.insert(deviceStatusLog).values([row('online', 0), row('offline', 10), row('online', 20)]);
    await new DeviceStatusRepository(db).prune(new Date(start + 15_000));
    expect(await logged()).toEqual([
      ['offline', 10],
      ['online', 20],
    ]);
  });
});

describe('people are told', () => {
  test('once of an outage and once of its end', async () => {
    await connect();
    await pass(600);
    await disconnect();
    await pass(3600);
    await connect();
    await pass(600);
    expect(await told()).toEqual([
      ['device.offline', 720],
      ['device.recovered', 4200],
    ]);
    const [, recovered] = await db
      .select()
      .from(notificationDeliveries)
      .orderBy(asc(notificationDeliveries.id));
    expect(recovered?.payload).toMatchObject({ offlineSeconds: 3480, deviceName: 'Berlin 1' });
  });

  test('nothing when a phone comes back within two minutes', async () => {
    await connect();
    await pass(600);
    await disconnect();
    await pass(110);
    await connect();
    await pass(600);
    expect(await told()).toEqual([]);
  });

  test('nothing of a phone that was paired and never came', async () => {
    await pass(600);
    expect(await told()).toEqual([]);
  });

  test('no more of a phone that flaps within five minutes, however often', async () => {
    await connect();
    await disconnect();
    await pass(130);
    for (let round = 0; round < 20; round += 1) {
      await connect();
      await pass(20);
      await disconnect();
      await pass(130);
    }
    await connect();
    expect(await told()).toEqual([
      ['device.offline', 120],
      ['device.recovered', 130],
    ]);
  });

  test('of a phone that flapped and then stays away, when the five minutes are over', async () => {
    await connect();
    await disconnect();
    await pass(130);
    await connect();
    await pass(20);
    await disconnect();
    await pass(600);
    await connect();
    expect(await told()).toEqual([
      ['device.offline', 120],
      ['device.recovered', 130],
      ['device.offline', 430],
      ['device.recovered', 750],
    ]);
  });

  test('of phones whose relay died', async () => {
    await connect();
    clock.advance(200_000);
    await monitor.check();
    expect((await told()).map(([event]) => event)).toEqual(['device.offline']);
    expect(await logged()).toEqual([
      ['online', 0],
      ['reconnecting', 30],
      ['offline', 120],
    ]);
  });

  test('nothing when the server was down and phones are back within a minute after its start', async () => {
    const other = (await insertDevice(db, relayId, { name: 'Gone' })).id;
    await connect();
    await store.markConnected(other, relayId, new Date(clock.now()));
    await monitor.check();
    clock.advance(3_600_000);
    // What a relay does when it starts.
    await db.update(devices).set({ connectedRelayId: null });
    monitor.start();
    await monitor.check();
    await pass(30);
    expect(await told()).toEqual([]);
    await connect();
    await pass(60);
    expect(await told()).toEqual([['device.offline', 3660]]);
    await monitor.stop();
  });

  test('of an agent that is older than the server, once per version of the server', async () => {
    await db.update(devices).set({ agentVersion: '1.1.9' });
    await insertDevice(db, relayId, { agentVersion: '1.2.0' });
    await insertDevice(db, relayId, { agentVersion: 'unknown' });
    await Promise.all([monitor.checkAgents(), newMonitor().checkAgents()]);
    await monitor.checkAgents();
    const rows = await db.select().from(notificationDeliveries);
    expect(rows).toMatchObject([
      {
        event: 'agent.outdated',
        payload: { deviceId, deviceName: 'Berlin 1', agentVersion: '1.1.9', serverVersion: '1.2.0' },
      },
    ]);
  });

  test('on channels of the phone’s organization and of the operator, and on no other', async () => {
    const ids = { default: randomUUID(), other: randomUUID() };
    for (const [slug, id] of Object.entries(ids)) {
      await db.insert(organization).values({ id, name: slug, slug, createdAt: new Date() });
    }
    const operators = await insertChannel(ids.default);
    await insertChannel(ids.other);
    await connect();
    await disconnect();
    await pass(120);
    const rows = await db.select().from(notificationDeliveries);
    expect(rows).toHaveLength(2);
    expect(rows.map(({ organizationId }) => organizationId).sort()).toEqual(
      [ids.default, TEST_ORGANIZATION].sort(),
    );
    expect(rows.some(({ channelId }) => channelId === operators)).toBe(true);
  });
});
