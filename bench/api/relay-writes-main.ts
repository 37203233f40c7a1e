/**
 * What relays write while 2,500 phones are online, in a thread of its own: each phone's telemetry every 15 seconds,
 * many phones in one statement every second, and the usage of a tenth of all connections every three.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { TELEMETRY_INTERVAL_MS, type Telemetry } from '@pocketproxy/protocol';
import { silentLogger } from '@pocketproxy/runtime';
import { type DatabaseAddress, openDatabase } from '../../packages/server/src/db/database.ts';
import { recordTelemetry } from '../../packages/server/src/db/device-telemetry.ts';
import { PostgresUsageStore } from '../../packages/server/src/db/usage-store.ts';
import type { RelayWrites } from './relay-writes.ts';
import { loadUsageRows, portionOf } from './usage-portions.ts';

const SECOND_MS = 1_000;
const USAGE_EVERY_SECONDS = 3;
const ACTIVE_SHARE = 10;

const { address, devices } = workerData as { address: DatabaseAddress; devices: readonly string[] };
const { db, close } = openDatabase({ address, log: silentLogger(), maxConnections: 3 });
const usage = new PostgresUsageStore(db);
const connections = (await loadUsageRows(db)).filter((_, index) => index % ACTIVE_SHARE === 0);
const took: RelayWrites = { telemetryMs: [], usageMs: [] };

function telemetryOf(second: number): Telemetry {
  const interfaces = {
    wifiUp: second * 1e5,
    wifiDown: second * 1e6,
    mobileUp: second * 1e5,
    mobileDown: second * 1e6,
  };
  return {
    ...{ type: 'telemetry', carrier: 'Carrier 1', networkType: '5G', signalDbm: -70 - (second % 40) },
    ...{ batteryPercent: second % 100, batteryCharging: true, egressAddress: '10.0.0.2', interfaces },
  };
}

async function timed(to: number[], work: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  await work();
  to.push(performance.now() - startedAt);
}

async function writeSecond(second: number): Promise<void> {
  const turns = TELEMETRY_INTERVAL_MS / SECOND_MS;
  const due = devices.filter((_, index) => index % turns === second % turns);
  const at = new Date();
  const telemetry = telemetryOf(second);
  await timed(took.telemetryMs, () =>
    recordTelemetry(
      db,
      due.map((deviceId) => ({ deviceId, at, telemetry })),
    ),
  );
  if (second % USAGE_EVERY_SECONDS !== 0) return;
  await timed(took.usageMs, () =>
    usage.add(
      connections.map((row) => portionOf(row)),
      at,
    ),
  );
}

let second = 0;
let running = Promise.resolve();
const timer = setInterval(() => {
  second += 1;
  running = running.then(() => writeSecond(second));
}, SECOND_MS);
parentPort!.postMessage('ready');
parentPort!.once('message', () => {
  clearInterval(timer);
  void running.then(close).then(() => parentPort!.postMessage(took));
});
