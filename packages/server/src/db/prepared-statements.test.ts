import { silentLogger } from '@pocketproxy/runtime';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { settings } from './schema.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';

const LOCK = 4711;
let server: TestDatabase;
beforeAll(async () => {
  server = await startTestDatabase();
});
afterAll(() => server.stop());

/** A pool of its own. */
function open(maxConnections: number): Database {
  return openDatabase({ address: server.database.address, log: silentLogger(), maxConnections });
}

/** Statements that a connection has prepared, by how they begin. */
async function prepared(db: Pick<Database['db'], 'execute'>, start: string): Promise<number> {
  const rows = await db.execute(
    sql`select 1 from pg_prepared_statements where statement like ${`${start}%`}`,
  );
  return rows.length;
}

describe('a statement with values', () => {
  test('is prepared once for all values, also in a transaction', async () => {
    const { db, close } = open(1);
    for (const value of [1, 2, 3]) {
      const rows = await db.execute<{ value: number }>(sql`select ${value}::int + 1 as value`);
      expect(rows.map((row) => row.value)).toEqual([value + 1]);
    }
    expect(await prepared(db, 'select $1::int + 1')).toBe(1);
    await db.transaction(async (tx) => {
      for (const value of [1, 2]) await tx.execute(sql`select ${value}::int + 2`);
      expect(await prepared(tx, 'select $1::int + 2')).toBe(1);
    });
    await close();
  });

  test('is not prepared when it has as many as there are rows to write', async () => {
    const { db, close } = open(1);
    const list = sql.join(
      Array.from({ length: 40 }, (_, index) => sql`${index}::int`),
      sql`, `,
    );
    const rows = await db.execute(sql`select unnest(array[${list}])`);
    expect(rows).toHaveLength(40);
    expect(await prepared(db, 'select unnest')).toBe(0);
    await close();
  });

  test('that waits for a lock holds up no other one', async () => {
    const { db, close } = open(2);
    const wait = async () => {
      await db.execute(sql`select pg_advisory_xact_lock_shared(${LOCK})`);
    };
    const ask = async (value: number) => {
      const [row] = await db.execute<{ value: number }>(sql`select ${value}::int as value`);
      return row?.value;
    };
    // Known to both connections, so that nothing but the lock is in the way.
    await Promise.all([wait(), wait()]);
    await Promise.all([ask(0), ask(0)]);
    let waiting = Promise.resolve();
    await server.database.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
      waiting = wait();
      const values = Array.from({ length: 20 }, (_, index) => index);
      expect(await Promise.all(values.map(ask))).toEqual(values);
    });
    await waiting;
    await close();
  });
});

test('rows stay the caller’s when the same is asked again', async () => {
  const { db, close } = open(1);
  await db.insert(settings).values({ name: 'a test', value: 'kept' });
  const ask = () => db.select({ value: settings.value }).from(settings).where(eq(settings.name, 'a test'));
  const [first, second] = [await ask(), await ask()];
  expect(first).toEqual([{ value: 'kept' }]);
  expect(second).toEqual(first);
  await close();
});
