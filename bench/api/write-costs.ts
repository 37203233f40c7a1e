import { silentLogger } from '@pocketproxy/runtime';
import { sql } from 'drizzle-orm';
import { type DatabaseAddress, openDatabase } from '../../packages/server/src/db/database.ts';
import { recordTelemetry } from '../../packages/server/src/db/device-telemetry.ts';
import { RetentionRepository } from '../../packages/server/src/db/retention-repository.ts';
import { PostgresUsageStore } from '../../packages/server/src/db/usage-store.ts';
import { loadUsageRows, portionOf } from './usage-portions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a piece of background work took, in milliseconds, each time that it was done. */
export interface WorkCost {
  readonly id: string;
  readonly title: string;
  readonly ms: readonly number[];
}

/** The work of relays and of retention that grows with the number of devices and rows. */
export async function measureWork(
  address: DatabaseAddress,
  devices: readonly string[],
  times: number,
): Promise<WorkCost[]> {
  const { db, close } = openDatabase({ address, log: silentLogger(), maxConnections: 2 });
  const retention = new RetentionRepository(db);
  const usage = new PostgresUsageStore(db);
  const connections = await loadUsageRows(db);
  const telemetry = { type: 'telemetry', carrier: 'Carrier', networkType: '5G', signalDbm: -80 } as const;
  const battery = { batteryPercent: 80, batteryCharging: true, egressAddress: '10.0.0.2' };
  const interfaces = { wifiUp: 1, wifiDown: 2, mobileUp: 3, mobileDown: 4 };
  const flushUsage = () => usage.add(connections.map(portionOf), new Date());
  const flushTelemetry = () =>
    recordTelemetry(
      db,
      devices.map((deviceId) => ({
        ...{ deviceId, at: new Date() },
        telemetry: { ...telemetry, ...battery, interfaces },
      })),
    );
  const forget = async (
    table: string,
    column: string,
    ms: number,
    job: (before: Date) => Promise<number>,
  ) => {
    const oldest = sql`select min(${sql.identifier(column)})::text as at from ${sql.identifier(table)}`;
    const [row] = await db.execute<{ at: string }>(oldest);
    return () => job(new Date(new Date(row!.at).getTime() + ms));
  };
  // What is to be forgotten is looked up before the time counts.
  const work: [string, string, () => Promise<() => Promise<unknown>>][] = [
    ['usage-flush', 'usage of all connections at once', async () => flushUsage],
    ['telemetry-flush', 'telemetry of all devices at once', async () => flushTelemetry],
    [
      'forget-hours',
      'an hour of usage forgotten',
      () => forget('usage_hourly', 'hour', HOUR_MS, (before) => retention.forgetHours(before)),
    ],
    [
      'forget-days',
      'a day of usage forgotten',
      () => forget('usage_daily', 'day', DAY_MS, (before) => retention.forgetDays(before)),
    ],
    [
      'forget-samples',
      'an hour of samples forgotten',
      () => forget('device_metrics', 'at', HOUR_MS, (before) => retention.forgetSamples(before)),
    ],
    [
      'forget-rotations',
      'a day of rotations forgotten',
      () => forget('rotations', 'finished_at', DAY_MS, (before) => retention.forgetRotations(before)),
    ],
    [
      'forget-commands',
      'a day of commands forgotten',
      () => forget('commands', 'finished_at', DAY_MS, (before) => retention.forgetCommands(before)),
    ],
    [
      'forget-audit',
      'a day of the audit log forgotten',
      () => forget('audit_log', 'at', DAY_MS, (before) => retention.forgetAudit(before)),
    ],
    ['forget-nothing', 'retention when nothing is old', async () => () => forgetNothing(retention)],
  ];
  const costs: WorkCost[] = [];
  for (const [id, title, prepare] of work) {
    const ms: number[] = [];
    for (let round = 0; round < times; round++) {
      const job = await prepare();
      const startedAt = performance.now();
      await job();
      ms.push(performance.now() - startedAt);
    }
    costs.push({ id, title, ms });
  }
  await close();
  return costs;
}

async function forgetNothing(retention: RetentionRepository): Promise<void> {
  const longAgo = new Date(Date.now() - 1000 * DAY_MS);
  await retention.forgetHours(longAgo);
  await retention.forgetDays(new Date(Date.now() - 3000 * DAY_MS));
  await retention.forgetSamples(longAgo);
  await retention.forgetCommands(longAgo);
  await retention.forgetRotations(longAgo);
  await retention.forgetAudit(longAgo);
}
