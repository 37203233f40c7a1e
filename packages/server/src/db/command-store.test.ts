import { randomUUID } from 'node:crypto';
import type { CommandOutcome } from '@pocketproxy/protocol';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PostgresCommandStore } from './command-store.ts';
import type { Db } from './database.ts';
import { commands } from './device-work-schema.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { insertDevice, insertRelay, TEST_ORGANIZATION } from './test-rows.ts';

const at = new Date('2026-03-01T10:20:30.000Z');
const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);
const DONE: CommandOutcome = { status: 'succeeded', reason: null, output: 'rang' };

let server: TestDatabase;
let db: Db;
let store: PostgresCommandStore;
let deviceId: string;

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
  store = new PostgresCommandStore(db);
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization cascade`);
  deviceId = (await insertDevice(db, await insertRelay(db))).id;
});

/** Ids of one millisecond are in no order, so tests count. */
let inserted = 0;

async function insert(values: Partial<typeof commands.$inferInsert> = {}): Promise<string> {
  const id = `01a20cec-0000-7000-8000-${String(++inserted).padStart(12, '0')}`;
  await db.insert(commands).values({
    ...{ id, organizationId: TEST_ORGANIZATION, deviceId, type: 'reboot', expiresAt: later(60) },
    ...values,
  });
  return id;
}
const row = async (id: string) => (await db.select().from(commands).where(eq(commands.id, id)))[0];

describe('commands for a device', () => {
  test('come in their order, those that were sent and not answered included', async () => {
    const first = await insert({ status: 'sent', sentAt: at });
    const second = await insert();
    expect(await store.next(deviceId, at)).toEqual({ id: first, type: 'reboot', params: {} });
    await store.finish(first, DONE, later(5));
    expect(await store.next(deviceId, at)).toMatchObject({ id: second });
    expect(await store.next(randomUUID(), at)).toBeNull();
  });

  test('leave out what has expired, and what a rotation ends', async () => {
    await insert({ expiresAt: at });
    await insert({ type: 'rotate_ip', params: { rotationId: randomUUID() } });
    expect(await store.next(deviceId, at)).toBeNull();
  });

  test('are marked as sent, with the time of the first try', async () => {
    const id = await insert();
    expect(await store.markSent(id, at)).toBe(true);
    expect(await store.markSent(id, later(9))).toBe(true);
    expect(await row(id)).toMatchObject({ status: 'sent', sentAt: at });
  });

  test('that have ended are neither sent nor changed', async () => {
    const id = await insert({ status: 'expired', reason: 'too late' });
    expect(await store.markSent(id, at)).toBe(false);
    await store.finish(id, DONE, at);
    expect(await row(id)).toMatchObject({ status: 'expired', reason: 'too late', output: null });
    expect(await store.markSent(randomUUID(), at)).toBe(false);
  });

  test('keep their outcome', async () => {
    const id = await insert({ status: 'sent', sentAt: at });
    await store.finish(id, { status: 'failed', reason: 'unsupported', output: 'no speaker' }, later(3));
    expect(await row(id)).toMatchObject({
      ...{ status: 'failed', reason: 'unsupported', output: 'no speaker', finishedAt: later(3) },
    });
  });
});
