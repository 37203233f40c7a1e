import { randomUUID } from 'node:crypto';
import { type Telemetry, telemetrySchema } from '@pocketproxy/protocol';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from './database.ts';
import { recordTelemetry } from './device-telemetry.ts';
import { MetricsRepository } from './metrics-repository.ts';
import { deviceMetrics } from './metrics-schema.ts';
import { devices } from './schema.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { insertDevice, insertRelay } from './test-rows.ts';

let server: TestDatabase;
let db: Db;
let deviceId: string;

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization cascade`);
  deviceId = (await insertDevice(db, await insertRelay(db))).id;
});

const time = (clock: string) => new Date(`2026-03-01T${clock}Z`);

async function report(clock: string, mobileDown: number | null, changes: Partial<Telemetry> = {}) {
  const telemetry: Telemetry = {
    ...{ type: 'telemetry', carrier: 'Test', networkType: 'LTE', signalDbm: -90, batteryPercent: 80 },
    ...{ batteryCharging: true, egressAddress: '10.0.0.2' },
    interfaces: mobileDown === null ? null : { wifiUp: null, wifiDown: 5, mobileUp: 1, mobileDown },
    ...changes,
  };
  await recordTelemetry(db, [{ deviceId, at: time(clock), telemetry }]);
}

const row = async () => (await db.select().from(devices).where(eq(devices.id, deviceId)))[0]!;

describe('interface counters', () => {
  test('add up from the first report on, over restarts of the phone and reports without them', async () => {
    await report('10:00:00', 1_000);
    expect((await row()).mobileBytesDown).toBe(0);
    await report('10:00:05', 1_500);
    await report('10:00:10', null);
    await report('10:00:15', 1_700);
    // The phone started anew.
    await report('10:00:20', 40);
    await report('10:00:25', 50);
    expect(await row()).toMatchObject({
      mobileBytesDown: 750,
      mobileBytesUp: 0,
      wifiBytesUp: 0,
      wifiBytesDown: 0,
    });
  });
});

test('a phone whose counters and texts are nonsense keeps nobody from being stored', async () => {
  const other = (await insertDevice(db, (await row()).relayId!)).id;
  const most = Number.MAX_SAFE_INTEGER;
  await db
    .update(devices)
    .set({ mobileBytesDown: most - 10 })
    .where(eq(devices.id, deviceId));
  const read = (carrier: string, mobileDown: number): Telemetry =>
    telemetrySchema.parse({
      ...{ type: 'telemetry', carrier, networkType: null, signalDbm: null, batteryPercent: null },
      ...{ batteryCharging: null, egressAddress: null },
      interfaces: { wifiUp: null, wifiDown: null, mobileUp: null, mobileDown },
    });
  const reports: Array<[string, number]> = [
    ['Test', 0],
    ['T\0es\ud83dt', most],
  ];
  for (const [carrier, mobileDown] of reports) {
    await recordTelemetry(db, [
      { deviceId, at: time('10:00:00'), telemetry: read(carrier, mobileDown) },
      { deviceId: other, at: time('10:00:00'), telemetry: read('Other', 1) },
    ]);
  }
  expect(await row()).toMatchObject({ carrier: 'Tes\ufffdt', mobileBytesDown: most });
});

describe('samples', () => {
  test('are taken once in five minutes, with what the interfaces carried since the one before', async () => {
    await report('09:59:00', 0);
    await report('10:00:01', 1_000, { signalDbm: -70 });
    await report('10:03:00', 3_000, { signalDbm: -100 });
    await report('10:05:00', 5_000, { signalDbm: null, batteryPercent: 79, networkType: '5G' });
    expect(await db.$count(deviceMetrics)).toBe(3);
    const samples = await new MetricsRepository(db).between(deviceId, time('10:00:00'), time('11:00:00'));
    expect(samples).toMatchObject([
      { at: time('10:00:00'), signalDbm: -70, batteryPercent: 80, mobileBytesDown: 1_000, wifiBytesDown: 0 },
      { at: time('10:05:00'), signalDbm: null, networkType: '5G', mobileBytesDown: 4_000 },
    ]);
  });

  test('of a device that is gone are not taken', async () => {
    const telemetry = { type: 'telemetry', interfaces: null } as Telemetry;
    await recordTelemetry(db, [{ deviceId: randomUUID(), at: time('10:00:00'), telemetry }]);
    expect(await db.$count(deviceMetrics)).toBe(0);
  });
});
