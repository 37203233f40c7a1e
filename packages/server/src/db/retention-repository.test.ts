import { randomUUID } from 'node:crypto';
import { silentLogger } from '@pocketproxy/runtime';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { auditLog, invitations } from './access-schema.ts';
import { session, user, verification } from './auth-schema.ts';
import { type Db, openDatabase } from './database.ts';
import { commands, rotations } from './device-work-schema.ts';
import { deviceMetrics } from './metrics-schema.ts';
import { RetentionRepository } from './retention-repository.ts';
import { usageDaily, usageHourly } from './schema.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { insertDevice, insertRelay, TEST_ORGANIZATION } from './test-rows.ts';

let server: TestDatabase;
let db: Db;
let retention: RetentionRepository;

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
  retention = new RetentionRepository(db);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization, usage_hourly, usage_daily cascade`);
  await insertRelay(db);
});

const time = (text: string) => new Date(text);
const owner = { connectionId: randomUUID(), deviceId: randomUUID(), organizationId: TEST_ORGANIZATION };
const before = time('2026-03-03T15:00:00Z');

test('what is old is forgotten, what is not stays, and what has not ended stays too', async () => {
  const device = await insertDevice(db, await insertRelay(db));
  const of = { deviceId: device.id, organizationId: TEST_ORGANIZATION };
  const [old, recent] = [time('2026-03-01Z'), time('2026-03-04Z')];
  const bytes = { wifiBytesUp: 0, wifiBytesDown: 0, mobileBytesUp: 0, mobileBytesDown: 0 };
  for (const at of [old, recent]) {
    await db.insert(deviceMetrics).values({ deviceId: device.id, at, ...bytes });
    const ended = { ...of, createdAt: at, finishedAt: at };
    const command = { id: randomUUID(), type: 'reboot', status: 'succeeded', expiresAt: at } as const;
    await db.insert(commands).values({ ...command, ...ended });
    await db.insert(rotations).values({ id: randomUUID(), status: 'failed', trigger: 'manual', ...ended });
    await db.insert(usageDaily).values({ ...owner, day: at.toISOString().slice(0, 10) });
    await db.insert(usageHourly).values({ ...owner, hour: at });
  }
  await db.insert(rotations).values({ id: randomUUID(), trigger: 'manual', ...of, createdAt: old });
  const forgotten = [
    await retention.forgetHours(before),
    await retention.forgetDays(before),
    await retention.forgetSamples(before),
    await retention.forgetCommands(before),
    await retention.forgetRotations(before),
    await retention.forgetAudit(before),
  ];
  expect(forgotten).toEqual([1, 1, 1, 1, 1, 0]);
  const left = await Promise.all(
    [usageHourly, usageDaily, deviceMetrics, commands, rotations, auditLog].map((t) => db.$count(t)),
  );
  expect(left).toEqual([1, 1, 1, 1, 2, 0]);
});

test('logins and invitations are forgotten when they have expired', async () => {
  const now = new Date();
  const [userId, names] = [randomUUID(), { email: `${randomUUID()}@example.com`, name: 'Ada' }];
  await db.insert(user).values({ id: userId, ...names });
  for (const expiresAt of [time('2026-03-01Z'), time('2026-03-04Z')]) {
    const id = randomUUID();
    await db.insert(session).values({ id, token: id, userId, updatedAt: now, expiresAt });
    await db.insert(verification).values({ id, identifier: id, value: 'x', expiresAt });
    await db.insert(invitations).values({ id, ...names, role: 'admin', tokenHash: id, expiresAt });
  }
  expect(await retention.forgetLogins(before)).toBe(2);
  expect(await retention.forgetInvitations(before)).toBe(1);
  const left = { expiresAt: time('2026-03-04Z') };
  for (const table of [session, verification, invitations]) {
    expect(await db.select().from(table)).toMatchObject([left]);
  }
});

test('thousands of old rows are forgotten, however many processes do it', async () => {
  await db.execute(sql`
    insert into usage_hourly (connection_id, hour, device_id, organization_id)
    select gen_random_uuid(), '2026-03-01Z', gen_random_uuid(), ${TEST_ORGANIZATION} from generate_series(1, 25000)`);
  const counts = await Promise.all(
    Array.from({ length: 3 }, () => new RetentionRepository(db).forgetHours(before)),
  );
  expect(counts.reduce((sum, count) => sum + count)).toBe(25_000);
  expect(await db.$count(usageHourly)).toBe(0);
});

test('each time is planned for itself, so that the index is used when next to nothing is old', async () => {
  const { db: alone, close } = openDatabase({
    address: server.database.address,
    log: silentLogger(),
    maxConnections: 1,
  });
  const often = 8;
  for (let n = 0; n < often; n++) await new RetentionRepository(alone).forgetSamples(before);
  const plans = await alone.execute(sql`
    select custom_plans::int as custom, generic_plans::int as generic from pg_prepared_statements
    where statement like '%delete from device_metrics%' and statement not like '%pg_prepared_statements%'`);
  expect(plans.map((row) => ({ ...row }))).toEqual([{ custom: often, generic: 0 }]);
  await close();
});
