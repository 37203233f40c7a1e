import { randomUUID } from 'node:crypto';
import type { Telemetry } from '@pocketproxy/protocol';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { UsagePortion } from '../domain/stores.ts';
import { ConnectionRepository } from './connection-repository.ts';
import type { Db } from './database.ts';
import { DeviceRepository } from './device-repository.ts';
import { PostgresDeviceStore } from './device-store.ts';
import { PostgresRelayStore } from './relay-store.ts';
import { connections, devices } from './schema.ts';
import { EVERY_ORGANIZATION } from './scope.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { insertConnection, insertDevice, insertRelay } from './test-rows.ts';
import { PostgresUsageStore } from './usage-store.ts';

const ROWS = 5;
const at = new Date('2026-03-02T10:20:30.000Z');
const yesterday = new Date('2026-03-01T10:20:30.000Z');

let server: TestDatabase;
let db: Db;
let relayId: string;

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization, usage_hourly, usage_daily cascade`);
  relayId = await insertRelay(db);
});

/** Ids in the order that is opposite to the one in which rows are locked: a scan finds the last row first. */
function backwards(): string[] {
  return Array.from({ length: ROWS }, () => randomUUID())
    .sort()
    .reverse();
}

/** Lets two writers come to a row that somebody holds, from wherever they begin, and lets it go. */
async function meet(
  table: typeof devices | typeof connections,
  middle: string,
  writers: readonly (() => Promise<unknown>)[],
): Promise<PromiseSettledResult<unknown>[]> {
  let outcomes: Promise<PromiseSettledResult<unknown>[]> | undefined;
  await db.transaction(async (tx) => {
    await tx.select({ id: table.id }).from(table).where(eq(table.id, middle)).for('update');
    outcomes = Promise.allSettled(writers.map((write) => write()));
    await expect.poll(() => waiting(), { interval: 5 }).toBe(writers.length);
  });
  return (await outcomes)!;
}

/** How many connections to the database wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await db.execute<{ count: number }>(sql`
    select count(*)::int from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`);
  return row!.count;
}

const telemetry: Telemetry = {
  type: 'telemetry',
  ...{ carrier: null, networkType: 'lte', signalDbm: -80, batteryPercent: 50, batteryCharging: false },
  ...{ egressAddress: null, interfaces: null },
};

describe('two writers of many devices wait for each other', () => {
  test.each<[string, (ids: string[]) => Promise<unknown>]>([
    ['another relay', (ids) => report([...ids].reverse())],
    ['a relay that forgets its last run', () => new PostgresRelayStore(db).forgetLastRun(relayId)],
  ])('telemetry and %s', async (_what, other) => {
    const ids = backwards();
    for (const id of ids) await insertDevice(db, relayId, { id, connectedRelayId: relayId });
    const outcomes = await meet(devices, ids[2]!, [() => report(ids), () => other(ids)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  async function report(ids: readonly string[]): Promise<void> {
    const rows = ids.map((deviceId) => ({ deviceId, at, telemetry }));
    await new PostgresDeviceStore(db, randomUUID).recordTelemetry(rows);
  }
});

describe('two writers of many connections wait for each other', () => {
  type Row = typeof connections.$inferSelect;

  test.each<[string, (rows: readonly Row[]) => Promise<unknown>]>([
    [
      'usage of another relay',
      (rows) => new PostgresUsageStore(db).add([...rows].reverse().map(portion), at),
    ],
    ['a relay that forgets its last run', () => new PostgresRelayStore(db).forgetLastRun(relayId)],
    ['days that begin', () => new ConnectionRepository(db).beginPeriods(at)],
    [
      'a device that lets private destinations be reached',
      ([row]) =>
        new DeviceRepository(db).update(EVERY_ORGANIZATION, row!.deviceId, () => ({
          allowPrivateDestinations: true,
        })),
    ],
    [
      'a device that is deleted',
      ([row]) => new DeviceRepository(db).delete(EVERY_ORGANIZATION, row!.deviceId),
    ],
  ])('usage and %s', async (_what, other) => {
    const device = await insertDevice(db, relayId);
    const rows: Row[] = [];
    for (const id of backwards()) {
      const values = { id, openFlows: 1, quotaPeriod: 'day', quotaPeriodStart: yesterday };
      rows.push(await insertConnection(db, device, values as Partial<Row>));
    }
    const count = () => new PostgresUsageStore(db).add(rows.map(portion), at);
    const outcomes = await meet(connections, rows[2]!.id, [count, () => other(rows)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  function portion(row: Row): UsagePortion {
    return {
      ...{ connectionId: row.id, deviceId: row.deviceId, organizationId: row.organizationId },
      ...{ bytesUp: 1, bytesDown: 1, countedUp: 1, countedDown: 1 },
      ...{ quotaBytes: 2, quotaPeriodStart: yesterday, openFlows: 0 },
    };
  }
});
