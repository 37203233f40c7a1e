import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConnectionRepository } from './db/connection-repository.ts';
import type { Db } from './db/database.ts';
import { notificationChannels, notificationDeliveries } from './db/notification-schema.ts';
import { periodStartOfRow } from './db/quota-periods.ts';
import { connections, usageHourly } from './db/schema.ts';
import { EVERY_ORGANIZATION } from './db/scope.ts';
import { startTestDatabase, type TestDatabase } from './db/test-database.ts';
import { insertConnection, insertDevice, insertRelay, TEST_ORGANIZATION } from './db/test-rows.ts';
import { PostgresUsageStore } from './db/usage-store.ts';
import { periodStart } from './services/quota-periods.ts';

let server: TestDatabase;
let db: Db;
let repository: ConnectionRepository;

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
  repository = new ConnectionRepository(db);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization, usage_hourly cascade`);
});

type Values = Partial<typeof connections.$inferInsert>;

async function newConnection(values: Values = {}) {
  return await insertConnection(db, await insertDevice(db, await insertRelay(db)), values);
}

const time = (text: string) => new Date(text);
const stored = async (id: string) => (await db.select().from(connections).where(eq(connections.id, id)))[0];

async function change(id: string, changes: Parameters<ConnectionRepository['update']>[2], at: Date) {
  await repository.update(EVERY_ORGANIZATION, id, changes, at);
  return await stored(id);
}

describe('a quota period', () => {
  test('begins anew when its day or month is over, once, and a total never does', async () => {
    const device = await insertDevice(db, await insertRelay(db));
    const yesterday = {
      usedBytes: 7,
      quotaNotifiedPercent: 80,
      quotaPeriodStart: time('2026-02-28T00:00:00Z'),
    };
    for (const quotaPeriod of ['total', 'day', 'month'] as const) {
      await insertConnection(db, device, { ...yesterday, quotaPeriod, name: quotaPeriod });
    }
    const at = time('2026-03-01T10:20:30Z');
    expect(await repository.beginPeriods(at)).toBe(2);
    expect(await repository.beginPeriods(at)).toBe(0);
    const begun = {
      usedBytes: 0,
      version: 2,
      quotaNotifiedPercent: 0,
      quotaPeriodStart: time('2026-03-01Z'),
    };
    expect(await db.select().from(connections).orderBy(connections.name)).toMatchObject([
      { name: 'day', ...begun },
      { name: 'month', ...begun },
      { name: 'total', usedBytes: 7, version: 1, quotaNotifiedPercent: 80 },
    ]);
  });

  test('of a month begins at midnight UTC of its reset day', async () => {
    const month = { quotaPeriod: 'month', quotaResetDay: 15, usedBytes: 7 } as const;
    const { id } = await newConnection({ ...month, quotaPeriodStart: time('2026-01-15Z') });
    expect(await repository.beginPeriods(time('2026-02-14T23:59:59.999Z'))).toBe(0);
    expect(await repository.beginPeriods(time('2026-02-15T00:00:00Z'))).toBe(1);
    expect(await stored(id)).toMatchObject({ usedBytes: 0, quotaPeriodStart: time('2026-02-15Z') });
  });

  test('does not begin twice when the clock is set back over midnight, nor after a reset', async () => {
    const { id } = await newConnection({ quotaPeriod: 'day', quotaPeriodStart: time('2026-03-01Z') });
    expect(await repository.beginPeriods(time('2026-03-02T00:10:00Z'))).toBe(1);
    await db.update(connections).set({ usedBytes: 5 });
    expect(await repository.beginPeriods(time('2026-03-01T23:10:00Z'))).toBe(0);
    expect(await repository.beginPeriods(time('2026-03-02T00:10:00Z'))).toBe(0);
    expect((await stored(id))?.usedBytes).toBe(5);
    await change(id, { resetUsage: true }, time('2026-03-02T09:00:00Z'));
    expect(await repository.beginPeriods(time('2026-03-02T23:59:00Z'))).toBe(0);
    expect(await repository.beginPeriods(time('2026-03-03T00:00:00Z'))).toBe(1);
  });

  test('has the same start in SQL and in the program', async () => {
    const { id } = await newConnection();
    await fc.assert(
      fc.asyncProperty(
        fc.date({ min: time('2020-01-01Z'), max: time('2040-01-01Z'), noInvalidDate: true }),
        fc.constantFrom('day' as const, 'month' as const),
        fc.integer({ min: 1, max: 28 }),
        async (at, quotaPeriod, quotaResetDay) => {
          await db.update(connections).set({ quotaPeriod, quotaResetDay }).where(eq(connections.id, id));
          const [row] = await db
            .select({ start: periodStartOfRow(at).mapWith(connections.createdAt) })
            .from(connections);
          expect(row?.start).toEqual(periodStart(quotaPeriod, at, quotaResetDay));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a changed quota', () => {
  const at = time('2026-03-20T10:30:00Z');

  test('by day counts what today’s hours had, not what was used before', async () => {
    const row = await newConnection({ usedBytes: 5_000, quotaPeriodStart: time('2026-01-01Z') });
    const owner = { connectionId: row.id, deviceId: row.deviceId, organizationId: row.organizationId };
    await db.insert(usageHourly).values([
      { ...owner, hour: time('2026-03-19T23:00:00Z'), bytesUp: 4_000, bytesDown: 0 },
      { ...owner, hour: time('2026-03-20T00:00:00Z'), bytesUp: 100, bytesDown: 20 },
      { ...owner, hour: time('2026-03-20T10:00:00Z'), bytesUp: 0, bytesDown: 3 },
    ]);
    expect(await change(row.id, { quotaPeriod: 'day' }, at)).toMatchObject({
      ...{ usedBytes: 123, quotaPeriodStart: time('2026-03-20Z') },
    });
    // A month that began before the day goes on from what was counted.
    expect(await change(row.id, { quotaPeriod: 'month' }, at)).toMatchObject({ usedBytes: 123 });
  });

  test('by another reset day begins there', async () => {
    const month = { quotaPeriod: 'month', usedBytes: 9, quotaPeriodStart: time('2026-03-01Z') } as const;
    const { id } = await newConnection(month);
    const changed = await change(id, { quotaResetDay: 15 }, at);
    expect(changed).toMatchObject({ usedBytes: 0, quotaPeriodStart: time('2026-03-15Z') });
    expect(await change(id, { quotaResetDay: 25 }, at)).toMatchObject({
      quotaPeriodStart: time('2026-03-15Z'),
    });
  });

  test('is told of when it is nearly spent, and can be told of again when it was raised', async () => {
    const row = await newConnection({ quotaBytes: 1_000, quotaPeriodStart: time('2026-03-01Z') });
    await db.insert(notificationChannels).values({
      ...{ id: randomUUID(), organizationId: TEST_ORGANIZATION, name: 'Ops', type: 'email' },
      ...{ target: 'ops@example.com', events: ['quota.warning', 'quota.exhausted'] },
    });
    const store = new PostgresUsageStore(db);
    const count = (bytesUp: number) =>
      store.add(
        [
          {
            ...{ connectionId: row.id, deviceId: row.deviceId, organizationId: row.organizationId },
            ...{ bytesUp, bytesDown: 0, countedUp: bytesUp, countedDown: 0, quotaBytes: bytesUp },
            ...{ quotaPeriodStart: row.quotaPeriodStart, openFlows: 0 },
          },
        ],
        at,
      );
    await count(850);
    expect((await change(row.id, { quotaBytes: 2_000 }, at))?.quotaNotifiedPercent).toBe(0);
    await count(1_700);
    expect((await change(row.id, { quotaBytes: 1_500 }, at))?.quotaNotifiedPercent).toBe(100);
    expect((await change(row.id, { resetUsage: true }, at))?.quotaNotifiedPercent).toBe(0);
    const told = await db.select().from(notificationDeliveries).orderBy(notificationDeliveries.id);
    expect(told.map(({ payload }) => [payload.event, payload.usedBytes, payload.quotaBytes])).toEqual([
      ['quota.warning', 850, 1_000],
      ['quota.warning', 1_700, 2_000],
      ['quota.exhausted', 1_700, 1_500],
    ]);
  });
});
