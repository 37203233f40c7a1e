import { silentLogger } from '@pocketproxy/runtime';
import { type DatabaseAddress, openDatabase } from '../../packages/server/src/db/database.ts';
import { recordTelemetry } from '../../packages/server/src/db/device-telemetry.ts';
import { RetentionRepository } from '../../packages/server/src/db/retention-repository.ts';
import { PostgresUsageStore } from '../../packages/server/src/db/usage-store.ts';
import { loadUsageRows, portionOf } from './usage-portions.ts';

const DAY_MS = 86_400_000;

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
  const ago = (days: number): Date => new Date(Date.now() - days * DAY_MS);
  const telemetry = { type: 'telemetry', carrier: 'Carrier', networkType: '5G', signalDbm: -80 } as const;
  const battery = { batteryPercent: 80, batteryCharging: true, egressAddress: '10.0.0.2' };
  const interfaces = { wifiUp: 1, wifiDown: 2, mobileUp: 3, mobileDown: 4 };
  let round = 0;
  const flushUsage = () => usage.add(connections.map(portionOf), new Date());
  const flushTelemetry = () =>
    recordTelemetry(
      db,
      devices.map((deviceId) => ({
        ...{ deviceId, at: new Date() },
        telemetry: { ...telemetry, ...battery, interfaces },
      })),
    );
  // As long ago as the rows of one day, or of one hour, are old enough to go.
  const work: [string, string, (n: number) => Promise<unknown>][] = [
    ['usage-flush', 'usage of all connections at once', flushUsage],
    ['telemetry-flush', 'telemetry of all devices at once', flushTelemetry],
    ['forget-hours', 'an hour of hourly usage forgotten', (n) => retention.forgetHours(ago(89.99 - n / 24))],
    ['forget-samples', 'an hour of samples forgotten', (n) => retention.forgetSamples(ago(13.9 - n / 24))],
    ['forget-rotations', 'a day of rotations forgotten', (n) => retention.forgetRotations(ago(89 - n))],
    ['forget-commands', 'a day of commands forgotten', (n) => retention.forgetCommands(ago(89 - n))],
    ['forget-audit', 'a day of the audit log forgotten', (n) => retention.forgetAudit(ago(364 - n))],
    ['forget-nothing', 'retention when nothing is old', async () => forgetNothing(retention)],
  ];
  const costs: WorkCost[] = [];
  for (const [id, title, run] of work) {
    const ms: number[] = [];
    for (round = 0; round < times; round++) {
      const startedAt = performance.now();
      await run(round);
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
