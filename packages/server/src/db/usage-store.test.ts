import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BusEvent } from '../domain/bus.ts';
import type { UsagePortion } from '../domain/stores.ts';
import { PostgresBus } from './bus.ts';
import type { Db } from './database.ts';
import { notificationChannels, notificationDeliveries } from './notification-schema.ts';
import { connections, usageDaily, usageHourly } from './schema.ts';
import { EVERY_ORGANIZATION } from './scope.ts';
import { StatsRepository } from './stats-repository.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { insertConnection, insertDevice, insertRelay, TEST_ORGANIZATION } from './test-rows.ts';
import { PostgresUsageStore } from './usage-store.ts';

let server: TestDatabase;
let db: Db;
let store: PostgresUsageStore;
const at = new Date('2026-03-01T10:20:30.000Z');
const quotaPeriodStart = new Date('2026-03-01T00:00:00.000Z');

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
  store = new PostgresUsageStore(db);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization, usage_hourly, usage_daily cascade`);
});

async function newConnection(values: Partial<typeof connections.$inferInsert> = {}) {
  const device = await insertDevice(db, await insertRelay(db));
  return await insertConnection(db, device, { quotaPeriodStart, ...values });
}

type ConnectionRow = Awaited<ReturnType<typeof newConnection>>;

/** What a relay would say that counted `up` and `down` so far, of which the last flush had `known`. */
function portion(row: ConnectionRow, up: number, down: number, known = { up: 0, down: 0 }): UsagePortion {
  return {
    ...{ connectionId: row.id, deviceId: row.deviceId, organizationId: row.organizationId },
    ...{ bytesUp: up - known.up, bytesDown: down - known.down, countedUp: up, countedDown: down },
    ...{ quotaBytes: up + down - known.up - known.down, quotaPeriodStart, openFlows: 0 },
  };
}

const stored = async (id: string) => (await db.select().from(connections).where(eq(connections.id, id)))[0];
const hours = () => db.select().from(usageHourly).orderBy(usageHourly.hour);

describe('usage', () => {
  test('adds up by day, each byte once, for its connection and all of an organization', async () => {
    const [row, other] = [await newConnection(), await newConnection()];
    await store.add([portion(row, 10, 100), portion(other, 1, 2)], at);
    // The answer to the first was lost, and the connection is gone by the time that it is said again.
    await store.add([portion(row, 10, 100)], at);
    await db.delete(connections).where(eq(connections.id, other.id));
    await store.add([portion(other, 4, 5, { up: 1, down: 2 })], new Date('2026-03-02T00:10:00Z'));
    const foreign = { ...portion(row, 30, 300, { up: 10, down: 100 }), organizationId: 'another' };
    await store.add([foreign], new Date('2026-03-02T23:59:59Z'));
    const own = { deviceId: row.deviceId, organizationId: TEST_ORGANIZATION };
    const others = { connectionId: other.id, deviceId: other.deviceId, organizationId: TEST_ORGANIZATION };
    const days = await db.select().from(usageDaily).orderBy(usageDaily.day, usageDaily.bytesUp);
    expect(days).toEqual([
      { ...others, day: '2026-03-01', bytesUp: 1, bytesDown: 2 },
      { ...own, connectionId: row.id, day: '2026-03-01', bytesUp: 10, bytesDown: 100 },
      { ...others, day: '2026-03-02', bytesUp: 3, bytesDown: 3 },
      {
        ...own,
        connectionId: row.id,
        organizationId: 'another',
        day: '2026-03-02',
        bytesUp: 20,
        bytesDown: 200,
      },
    ]);
    const stats = new StatsRepository(db);
    const day = new Date('2026-03-02T13:00:00Z');
    expect(await stats.bytesSinceDay(EVERY_ORGANIZATION, day)).toEqual({ bytesUp: 23, bytesDown: 203 });
    const mine = { organizationId: TEST_ORGANIZATION };
    expect(await stats.bytesSinceDay(mine, day)).toEqual({ bytesUp: 3, bytesDown: 3 });
    expect(await stats.bytesSinceDay(mine, new Date('2026-03-03Z'))).toEqual({ bytesUp: 0, bytesDown: 0 });
    const byDevice = await stats.bytesByDeviceSinceDay(EVERY_ORGANIZATION, day);
    expect(byDevice.toSorted((a, b) => a.bytesUp - b.bytesUp)).toEqual([
      { deviceId: other.deviceId, bytesUp: 3, bytesDown: 3 },
      { deviceId: row.deviceId, bytesUp: 20, bytesDown: 200 },
    ]);
    expect(await stats.bytesByDeviceSinceDay(mine, day)).toEqual([
      { deviceId: other.deviceId, bytesUp: 3, bytesDown: 3 },
    ]);
  });

  test('adds up by hour and as a total, and outlives the connection', async () => {
    const row = await newConnection();
    await store.add([portion(row, 10, 1_000)], at);
    await store.add(
      [portion(row, 13, 5_000_001_000, { up: 10, down: 1_000 })],
      new Date(at.getTime() + 60_000),
    );
    await db.delete(connections);
    await store.add(
      [portion(row, 20, 5_000_001_000, { up: 13, down: 5_000_001_000 })],
      new Date(at.getTime() + 3_600_000),
    );
    expect(await hours()).toMatchObject([
      { hour: new Date('2026-03-01T10:00:00Z'), bytesUp: 13, bytesDown: 5_000_001_000 },
      { hour: new Date('2026-03-01T11:00:00Z'), bytesUp: 7, bytesDown: 0 },
    ]);
  });

  test('counts once although it is stored again, because the answer was lost', async () => {
    const row = await newConnection();
    await store.add([portion(row, 10, 100)], at);
    await store.add([portion(row, 10, 100)], at);
    await store.add([portion(row, 15, 100)], at);
    expect(await stored(row.id)).toMatchObject({ usedBytes: 115, countedUp: 15, countedDown: 100 });
    expect(await hours()).toMatchObject([{ bytesUp: 15, bytesDown: 100 }]);
  });

  test('comes with the number of open flows, also when no byte was counted', async () => {
    const row = await newConnection();
    await store.add([{ ...portion(row, 0, 0), openFlows: 3 }], at);
    expect(await stored(row.id)).toMatchObject({ openFlows: 3, usedBytes: 0 });
    expect(await hours()).toEqual([]);
    await store.add([portion(row, 0, 0)], at);
    expect(await stored(row.id)).toMatchObject({ openFlows: 0, version: row.version });
  });

  test('of a quota period that is over counts by the hour only', async () => {
    const row = await newConnection();
    await db.update(connections).set({ quotaPeriodStart: at });
    await store.add([portion(row, 10, 100)], at);
    expect(await stored(row.id)).toMatchObject({ usedBytes: 0, countedUp: 10, countedDown: 100 });
    expect(await hours()).toMatchObject([{ bytesUp: 10, bytesDown: 100 }]);
  });

  test('is right in sum when the clock jumps, and each hour has what was stored in it', async () => {
    const row = await newConnection();
    let known = { up: 0, down: 0 };
    for (const [index, jumpMs] of [0, 3_600_000, -3_600_000, 0].entries()) {
      const counted = { up: 10 * (index + 1), down: index + 1 };
      await store.add([portion(row, counted.up, counted.down, known)], new Date(at.getTime() + jumpMs));
      known = counted;
    }
    expect((await hours()).map(({ bytesUp, bytesDown }) => [bytesUp, bytesDown])).toEqual([
      [10, 1],
      [20, 2],
      [10, 1],
    ]);
    expect((await stored(row.id))?.usedBytes).toBe(44);
  });

  test('is all or nothing', async () => {
    const row = await newConnection();
    const bad = { ...portion(row, 1, 1), connectionId: 'not an id' };
    await expect(store.add([portion(row, 1, 1), bad], at)).rejects.toThrow();
    expect(await hours()).toEqual([]);
    expect((await stored(row.id))?.usedBytes).toBe(0);
  });

  test('is told to everybody, in events that a notification can hold', async () => {
    const device = await insertDevice(db, await insertRelay(db));
    const rows: ConnectionRow[] = [];
    for (let i = 0; i < 310; i += 1) rows.push(await insertConnection(db, device));
    const bus = new PostgresBus(server.database.address, { ...console, debug: () => {} } as never);
    await bus.start();
    const events: Extract<BusEvent, { type: 'connection.usage' }>[] = [];
    bus.subscribe('connection.usage', (event) => events.push(event));
    await store.add(
      rows.map((row) => portion(row, 1, 1)),
      at,
    );
    await expect.poll(() => events.length).toBe(3);
    await bus.stop();
    expect(new Set(events.flatMap(({ ids }) => ids))).toEqual(new Set(rows.map(({ id }) => id)));
  });
});

describe('a quota', () => {
  beforeEach(async () => {
    await insertRelay(db);
    await db.insert(notificationChannels).values({
      ...{ id: randomUUID(), organizationId: TEST_ORGANIZATION, name: 'Ops', type: 'webhook' },
      ...{ target: 'https://ops.example/hook', events: ['quota.warning', 'quota.exhausted'] },
    });
  });

  const told = async () =>
    (await db.select().from(notificationDeliveries).orderBy(notificationDeliveries.createdAt)).map(
      ({ event, payload }) => [event, payload.percent, payload.usedBytes],
    );

  test('is told of at 80 and at 100 percent, once each', async () => {
    const row = await newConnection({ quotaBytes: 1_000, name: 'Shop' });
    let known = { up: 0, down: 0 };
    for (const [index, down] of [799, 800, 950, 1_000, 1_200].entries()) {
      await store.add([portion(row, 0, down, known)], new Date(at.getTime() + index));
      known = { up: 0, down };
    }
    expect(await told()).toEqual([
      ['quota.warning', 80, 800],
      ['quota.exhausted', 100, 1_000],
    ]);
    const [delivery] = await db.select().from(notificationDeliveries);
    expect(delivery?.payload).toMatchObject({
      ...{ connectionId: row.id, connectionName: 'Shop', deviceId: row.deviceId, quotaBytes: 1_000 },
    });
  });

  test('that is spent at one go is told of once', async () => {
    const row = await newConnection({ quotaBytes: 1_000 });
    await store.add([portion(row, 0, 5_000)], at);
    await store.add([portion(row, 0, 5_000)], at);
    expect(await told()).toEqual([['quota.exhausted', 100, 5_000]]);
  });
});
