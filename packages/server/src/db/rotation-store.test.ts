import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RotationEnd } from '../domain/rotation.ts';
import { failed } from '../domain/rotation-rules.ts';
import type { Db } from './database.ts';
import { PostgresDeviceStore } from './device-store.ts';
import { commands, ipHistory, rotations } from './device-work-schema.ts';
import { notificationChannels, notificationDeliveries } from './notification-schema.ts';
import { PostgresRotationStore } from './rotation-store.ts';
import { devices } from './schema.ts';
import { failStaleRotations } from './stale-rotations.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { insertDevice, insertRelay, TEST_ORGANIZATION } from './test-rows.ts';

const OLD = '198.51.100.1';
const NEW = '198.51.100.2';
const at = new Date('2026-03-01T10:20:30.000Z');
const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);

let server: TestDatabase;
let db: Db;
let store: PostgresRotationStore;
let relayId: string;

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
  store = new PostgresRotationStore(db, randomUUIDv7);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization cascade`);
  relayId = await insertRelay(db);
});

/** Ids of one millisecond are in no order, so tests count. */
let inserted = 0;

async function insertRotation(deviceId: string, values: Partial<typeof rotations.$inferInsert> = {}) {
  const id = `01a20cec-0000-7000-8000-${String(++inserted).padStart(12, '0')}`;
  await db.insert(rotations).values({
    ...{ id, organizationId: TEST_ORGANIZATION, deviceId, trigger: 'link', createdAt: at },
    ...values,
  });
  return { id, deviceId };
}

async function insertChannel(): Promise<void> {
  await db.insert(notificationChannels).values({
    ...{ id: randomUUID(), organizationId: TEST_ORGANIZATION, name: 'Ops', type: 'email' },
    ...{ target: 'ops@example.com', events: ['rotation.failing'] },
  });
}

const rotationRow = async (id: string) => (await db.select().from(rotations).where(eq(rotations.id, id)))[0];
const deviceRow = async (id: string) => (await db.select().from(devices).where(eq(devices.id, id)))[0];
const history = () => db.select().from(ipHistory).orderBy(ipHistory.at, ipHistory.id);

const succeeded = (newIp = NEW): RotationEnd => ({
  result: { status: 'succeeded', newIp, reason: null },
  at: later(12),
  learnedHoldSeconds: 8,
});
const unchanged: RotationEnd = {
  result: { status: 'unchanged', newIp: OLD, reason: 'same_address' },
  at: later(12),
  learnedHoldSeconds: null,
};

describe('an open rotation', () => {
  test('is shown to the relay of its device alone, with the device’s settings', async () => {
    const other = await insertRelay(db);
    const device = await insertDevice(db, relayId, {
      exitIp: OLD,
      rotationRetries: 5,
      rotationUniqueHours: 24,
    });
    const { id } = await insertRotation(device.id);
    expect(await store.open(relayId)).toMatchObject([
      { id, status: 'queued', trigger: 'link', exitIp: OLD, settings: { retries: 5, uniqueHours: 24 } },
    ]);
    expect(await store.openOf(relayId, device.id)).toMatchObject({ id });
    expect(await store.open(other)).toEqual([]);
    expect(await store.openOf(other, device.id)).toBeNull();
  });

  test('is begun by exactly one of 20 that try at once', async () => {
    const device = await insertDevice(db, relayId, { exitIp: OLD });
    const rotation = await insertRotation(device.id);
    const attempt = { holdSeconds: 4, observedIp: null, at: later(1) };
    const begun = await Promise.all(Array.from({ length: 20 }, () => store.begin(rotation, attempt)));
    expect(begun.filter((one) => one !== null)).toEqual([{ oldIp: OLD }]);
    expect(await rotationRow(rotation.id)).toMatchObject({
      ...{ status: 'running', step: 'radio', attempt: 1, holdSeconds: 4, oldIp: OLD, startedAt: later(1) },
    });
    expect(await history()).toEqual([]);
  });

  test('begins with an address that nobody had seen: a natural change', async () => {
    const device = await insertDevice(db, relayId, { exitIp: '198.51.100.99' });
    await store.begin(await insertRotation(device.id), { holdSeconds: 4, observedIp: OLD, at });
    expect(await history()).toMatchObject([{ ip: OLD, previousIp: '198.51.100.99', trigger: 'natural' }]);
    expect(await deviceRow(device.id)).toMatchObject({ exitIp: OLD });
  });

  test('goes on step by step while it runs, and not when it has ended', async () => {
    const device = await insertDevice(db, relayId);
    const rotation = await insertRotation(device.id, { status: 'running', attempt: 1, startedAt: at });
    await store.reach(rotation.id, 'observing');
    expect(await rotationRow(rotation.id)).toMatchObject({ step: 'observing' });
    expect(await store.retry(rotation.id, { attempt: 2, holdSeconds: 8 })).toBe(true);
    expect(await rotationRow(rotation.id)).toMatchObject({ step: 'radio', attempt: 2, holdSeconds: 8 });
    await store.finish(rotation, succeeded());
    expect(await store.retry(rotation.id, { attempt: 3, holdSeconds: 16 })).toBe(false);
    await store.reach(rotation.id, 'registering');
    expect(await rotationRow(rotation.id)).toMatchObject({ step: 'finished', attempt: 2 });
  });

  test('knows which addresses the device had, those that it left included', async () => {
    const device = await insertDevice(db, relayId);
    await db.insert(ipHistory).values({
      ...{ id: randomUUID(), organizationId: TEST_ORGANIZATION, deviceId: device.id, at },
      ...{ ip: NEW, previousIp: OLD, trigger: 'natural' },
    });
    const had = async (ip: string, since: Date) => await store.hadAddress(device.id, ip, since);
    expect([await had(NEW, at), await had(OLD, at), await had('198.51.100.3', at)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await had(NEW, later(1))).toBe(false);
  });
});

describe('the end of a rotation', () => {
  test('is stored once, with the device, its history and the commands that asked for it', async () => {
    const device = await insertDevice(db, relayId, { exitIp: OLD });
    const rotation = await insertRotation(device.id, {
      status: 'running',
      attempt: 2,
      startedAt: at,
      oldIp: OLD,
    });
    const ids = [randomUUIDv7(), randomUUIDv7()].sort();
    await db.insert(commands).values(
      ids.map((id, index) => ({
        ...{
          id,
          organizationId: TEST_ORGANIZATION,
          deviceId: device.id,
          type: 'rotate_ip',
          expiresAt: later(600),
        },
        params: { rotationId: index === 0 ? rotation.id : randomUUID() },
      })),
    );
    const ended = await Promise.all(Array.from({ length: 5 }, () => store.finish(rotation, succeeded())));
    expect(ended.filter(Boolean)).toHaveLength(1);
    expect(await rotationRow(rotation.id)).toMatchObject({
      ...{ status: 'succeeded', step: 'finished', reason: null, newIp: NEW, durationMs: 12_000 },
      finishedAt: later(12),
    });
    expect(await deviceRow(device.id)).toMatchObject({
      ...{ exitIp: NEW, exitIpAt: later(12), lastRotationAt: later(12), learnedHoldSeconds: 8 },
    });
    expect(await history()).toMatchObject([
      {
        ip: NEW,
        previousIp: OLD,
        trigger: 'link',
        rotationId: rotation.id,
        durationMs: 12_000,
        at: later(12),
      },
    ]);
    expect(await db.select().from(commands).orderBy(commands.id)).toMatchObject([
      { status: 'succeeded', output: `${OLD} -> ${NEW}`, finishedAt: later(12), sentAt: at },
      { status: 'pending' },
    ]);
  });

  test('without a new address keeps the history as it is and tells the commands why', async () => {
    const device = await insertDevice(db, relayId, { exitIp: OLD, learnedHoldSeconds: 16 });
    const rotation = await insertRotation(device.id, { status: 'running', attempt: 3, oldIp: OLD });
    await db.insert(commands).values({
      ...{ id: randomUUIDv7(), organizationId: TEST_ORGANIZATION, deviceId: device.id, type: 'rotate_ip' },
      ...{ params: { rotationId: rotation.id }, status: 'sent', expiresAt: later(600) },
    });
    await store.finish(rotation, unchanged);
    expect(await history()).toEqual([]);
    expect(await deviceRow(device.id)).toMatchObject({ learnedHoldSeconds: 16, lastRotationAt: later(12) });
    expect(await db.select().from(commands)).toMatchObject([{ status: 'failed', reason: 'same_address' }]);
  });

  test('before the radio was touched does not keep the next rotation waiting', async () => {
    const device = await insertDevice(db, relayId, { exitIp: OLD });
    const rotation = await insertRotation(device.id);
    await store.finish(rotation, {
      result: failed('device_offline'),
      at: later(15),
      learnedHoldSeconds: null,
    });
    expect(await deviceRow(device.id)).toMatchObject({ exitIp: OLD, lastRotationAt: null });
    expect(await rotationRow(rotation.id)).toMatchObject({ status: 'failed', durationMs: 15_000 });
  });

  test('of a device that was deleted meanwhile changes nothing', async () => {
    const device = await insertDevice(db, relayId);
    const rotation = await insertRotation(device.id, { status: 'running', attempt: 1 });
    await db.delete(devices).where(eq(devices.id, device.id));
    expect(await store.finish(rotation, succeeded())).toBe(false);
  });

  test('keeps the last 50 addresses of each device', async () => {
    const device = await insertDevice(db, relayId);
    const other = await insertDevice(db, relayId);
    const deviceStore = new PostgresDeviceStore(db, randomUUIDv7);
    await deviceStore.recordExitIp(other.id, OLD, at);
    for (let index = 1; index <= 53; index++)
      await deviceStore.recordExitIp(device.id, `203.0.113.${index}`, later(index));
    const rows = (await history()).filter((row) => row.deviceId === device.id);
    expect(rows.map(({ ip }) => ip)).toEqual(
      Array.from({ length: 50 }, (_, index) => `203.0.113.${index + 4}`),
    );
    expect(await history()).toHaveLength(51);
  });
});

describe('rotations that fail in a row', () => {
  async function end(deviceId: string, result: RotationEnd['result']): Promise<string> {
    const rotation = await insertRotation(deviceId, { status: 'running', attempt: 1, oldIp: OLD });
    await store.finish(rotation, { result, at: later(12), learnedHoldSeconds: null });
    return rotation.id;
  }
  const messages = () => db.select().from(notificationDeliveries).orderBy(notificationDeliveries.id);

  test('are told of after three, once until one succeeds', async () => {
    await insertChannel();
    const device = await insertDevice(db, relayId, { name: 'Berlin 1' });
    await end(device.id, failed('phone_lost'));
    await end(device.id, unchanged.result);
    expect(await messages()).toEqual([]);
    const third = await end(device.id, failed('not_registered'));
    await end(device.id, failed('not_registered'));
    expect(await messages()).toMatchObject([
      {
        event: 'rotation.failing',
        payload: { deviceName: 'Berlin 1', failures: 3, rotationId: third, reason: 'not_registered' },
      },
    ]);
    await end(device.id, succeeded().result);
    for (let round = 0; round < 3; round++) await end(device.id, failed('phone_lost'));
    expect(await messages()).toHaveLength(2);
  });

  test('do not count those that were cancelled, nor those of other devices', async () => {
    await insertChannel();
    const [device, other] = [await insertDevice(db, relayId), await insertDevice(db, relayId)];
    for (let round = 0; round < 2; round++) {
      await end(device.id, failed('cancelled'));
      await end(device.id, failed('phone_lost'));
      await end(other.id, failed('phone_lost'));
    }
    expect(await messages()).toEqual([]);
  });
});

describe('an observed address', () => {
  const deviceStore = () => new PostgresDeviceStore(db, randomUUIDv7);

  test('that nobody asked for is a natural change, the first one included', async () => {
    const device = await insertDevice(db, relayId);
    await deviceStore().recordExitIp(device.id, OLD, at);
    await deviceStore().recordExitIp(device.id, OLD, later(1));
    await deviceStore().recordExitIp(device.id, NEW, later(2));
    expect(await history()).toMatchObject([
      { ip: OLD, previousIp: null, trigger: 'natural', at },
      { ip: NEW, previousIp: OLD, trigger: 'natural', at: later(2) },
    ]);
    expect(await deviceRow(device.id)).toMatchObject({ exitIp: NEW, exitIpAt: later(2) });
  });

  test('is left to a rotation that is under way', async () => {
    const device = await insertDevice(db, relayId, { exitIp: OLD });
    const rotation = await insertRotation(device.id, { status: 'running', attempt: 1, oldIp: OLD });
    await deviceStore().recordExitIp(device.id, NEW, at);
    expect(await history()).toEqual([]);
    await store.finish(rotation, succeeded());
    await deviceStore().recordExitIp(device.id, NEW, later(20));
    expect(await history()).toMatchObject([{ ip: NEW, previousIp: OLD, trigger: 'link' }]);
  });

  test('of a device that was deleted is forgotten', async () => {
    await deviceStore().recordExitIp(randomUUID(), OLD, at);
    expect(await history()).toEqual([]);
  });
});

describe('rotations that no relay ends', () => {
  test('are failed when they take longer than any can', async () => {
    const [queued, running, slow, fresh] = await Promise.all(
      Array.from({ length: 4 }, () => insertDevice(db, relayId, { rotationRetries: 0, exitIp: OLD })),
    );
    await db.update(devices).set({ rotationRetries: 5 }).where(eq(devices.id, slow!.id));
    const ids = [
      await insertRotation(queued!.id),
      await insertRotation(running!.id, { status: 'running', attempt: 1, startedAt: at }),
      await insertRotation(slow!.id, { status: 'running', attempt: 1, startedAt: at }),
      await insertRotation(fresh!.id, { createdAt: later(400) }),
    ];
    const fail = (seconds: number) => failStaleRotations(db, randomUUIDv7, later(seconds));
    expect(await fail(119)).toBe(0);
    expect((await Promise.all([fail(421), fail(421)])).reduce((sum, count) => sum + count)).toBe(2);
    expect(await Promise.all(ids.map(async ({ id }) => await rotationRow(id)))).toMatchObject([
      { status: 'failed', reason: 'device_offline' },
      { status: 'failed', reason: 'phone_lost' },
      { status: 'running' },
      { status: 'queued' },
    ]);
  });
});
