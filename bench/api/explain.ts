import { silentLogger } from '@pocketproxy/runtime';
import { drizzle } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import { CommandRepository } from '../../packages/server/src/db/command-repository.ts';
import { ConnectionRepository } from '../../packages/server/src/db/connection-repository.ts';
import { connect, type DatabaseAddress, type Db } from '../../packages/server/src/db/database.ts';
import { DeviceRepository } from '../../packages/server/src/db/device-repository.ts';
import { DeviceStatusRepository } from '../../packages/server/src/db/device-status-repository.ts';
import { MetricsRepository } from '../../packages/server/src/db/metrics-repository.ts';
import { NotificationDeliveryRepository } from '../../packages/server/src/db/notification-delivery-repository.ts';
import { RotationLinkRepository } from '../../packages/server/src/db/rotation-link-repository.ts';
import { RotationRepository } from '../../packages/server/src/db/rotation-repository.ts';
import { EVERY_ORGANIZATION } from '../../packages/server/src/db/scope.ts';
import { StatsRepository } from '../../packages/server/src/db/stats-repository.ts';
import { type UsageQuery, UsageRepository } from '../../packages/server/src/db/usage-repository.ts';
import { AuditLog } from '../../packages/server/src/services/audit.ts';
import type { Subjects } from './calls.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PAGE = { limit: 100 };

interface Statement {
  readonly query: string;
  readonly params: readonly unknown[];
}

/** How the database answers one call: the plan of each of its statements. */
export interface Explained {
  readonly id: string;
  readonly plans: readonly string[];
}

/** Asks for everything as the services do, and lets the database explain each statement. */
export async function explainCalls(address: DatabaseAddress, subjects: Subjects): Promise<Explained[]> {
  const client = connect({ address, log: silentLogger(), maxConnections: 1 });
  const statements: Statement[] = [];
  const logger = { logQuery: (query: string, params: unknown[]) => void statements.push({ query, params }) };
  const db = drizzle({ client, logger }) as unknown as Db;
  try {
    const explained: Explained[] = [];
    for (const [id, ask] of questions(db, subjects)) {
      statements.length = 0;
      await ask();
      const plans: string[] = [];
      for (const statement of [...statements]) plans.push(await explain(client, statement));
      explained.push({ id, plans });
    }
    return explained;
  } finally {
    await client.end({ timeout: 1 });
  }
}

async function explain(client: postgres.Sql, { query, params }: Statement): Promise<string> {
  const rows = await client.unsafe(`explain (analyze, buffers) ${query}`, params as never[]);
  return rows.map((row) => row['QUERY PLAN'] as string).join('\n');
}

function questions(db: Db, { devices, connections, channels }: Subjects): [string, () => Promise<unknown>][] {
  const all = EVERY_ORGANIZATION;
  const [deviceId, connectionId] = [devices[devices.length >> 1]!, connections[connections.length >> 1]!];
  const now = new Date();
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  const rotations = new RotationRepository(db);
  const links = new RotationLinkRepository(db);
  const audit = new AuditLog(db, { now: () => now.getTime() } as never);
  const stats = new StatsRepository(db);
  const usage = new UsageRepository(db);
  const buckets = (of: UsageQuery['of'], unit: UsageQuery['unit'], days: number) => () =>
    usage.buckets({ of, unit, from: ago(days * DAY_MS), to: new Date(now.getTime() + HOUR_MS) });
  return [
    ['devices-500', () => new DeviceRepository(db).list(all, { cursor: devices[10]!, limit: 500 })],
    ['device', () => new DeviceRepository(db).byId(all, deviceId)],
    ['connections-100', () => new ConnectionRepository(db).list(all, { cursor: connectionId, ...PAGE })],
    ['connections-of-device', () => new ConnectionRepository(db).list(all, { deviceId, ...PAGE })],
    ['connection', () => new ConnectionRepository(db).byId(all, connectionId)],
    ['connections-bandwidth-hour', buckets({ connectionId }, 'hour', 2)],
    ['connections-bandwidth-day', buckets({ connectionId }, 'day', 31)],
    ['connections-bandwidth-month', buckets({ connectionId }, 'month', 366)],
    ['devices-bandwidth-hour', buckets({ deviceId, scope: all }, 'hour', 2)],
    ['devices-bandwidth-day', buckets({ deviceId, scope: all }, 'day', 31)],
    ['devices-bandwidth-month', buckets({ deviceId, scope: all }, 'month', 366)],
    ['samples', () => new MetricsRepository(db).between(deviceId, ago(DAY_MS), now)],
    ['uptime', () => new DeviceStatusRepository(db).starts(deviceId, ago(7 * DAY_MS), now)],
    ['ip-history', () => rotations.ipHistory(all, deviceId, 50)],
    ['rotations', () => rotations.ofDevice(all, deviceId, PAGE)],
    ['commands', () => new CommandRepository(db).ofDevice(all, deviceId, PAGE)],
    ['overview, devices', () => stats.deviceGroups(all, ago(120_000))],
    ['overview, connections', () => stats.connectionCounts(all)],
    ['overview, traffic', () => stats.bytesSinceDay(all, now)],
    ['audit-log', () => audit.list(all, PAGE)],
    ['audit-of-target', () => audit.list(all, { ...PAGE, targetType: 'connection', targetId: connectionId })],
    ['audit-of-actor', () => audit.list(all, { ...PAGE, actor: 'user-7' })],
    ['audit-of-nobody', () => audit.list(all, { ...PAGE, actor: 'nobody' })],
    ['audit-of-action', () => audit.list(all, { ...PAGE, action: 'device.delete' })],
    ['audit-of-time', () => audit.list(all, { ...PAGE, from: ago(180 * DAY_MS), to: ago(179 * DAY_MS) })],
    [
      'deliveries',
      () => new NotificationDeliveryRepository(db).history(channels[0]!, ago(30 * DAY_MS), PAGE),
    ],
    ['rotation-links', () => links.list(all, PAGE)],
    ['rotation-links-of-device', () => links.list(all, { ...PAGE, deviceId })],
  ];
}
