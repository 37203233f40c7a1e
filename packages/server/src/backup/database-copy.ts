import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type postgres from 'postgres';
import type { SavedTable } from './manifest.ts';

/** What a database held at one moment. */
export interface SavedDatabase {
  readonly migrations: number;
  readonly tables: readonly SavedTable[];
}

/**
 * Writes every table to a file of `folder`, all as they were at the same moment, while others may go on writing.
 * @throws what the database says
 */
export async function saveTables(client: postgres.Sql, folder: string): Promise<SavedDatabase> {
  return (await client.begin('isolation level repeatable read read only', async (tx) => {
    const [applied] = await tx<
      { count: number }[]
    >`select count(*)::int as count from drizzle.__drizzle_migrations`;
    const tables: SavedTable[] = [];
    for (const name of await tablesInOrder(tx)) {
      const columns = await columnsOf(tx, name);
      const source = await tx`copy ${tx(name)} (${tx(columns)}) to stdout`.readable();
      await pipeline(source, createWriteStream(join(folder, `${name}.copy`), { mode: 0o600 }));
      const [{ count: rows }] = (await tx`select count(*)::int as count from ${tx(name)}`) as unknown as [
        { count: number },
      ];
      tables.push({ name, columns, rows });
    }
    return { migrations: applied!.count, tables };
  })) as SavedDatabase;
}

/** Fills empty tables from the files of `folder`, all or none. */
export async function loadTables(
  client: postgres.Sql,
  folder: string,
  tables: readonly SavedTable[],
): Promise<void> {
  await client.begin(async (tx) => {
    for (const { name, columns } of tables) {
      const target = await tx`copy ${tx(name)} (${tx(columns)}) from stdin`.writable();
      await pipeline(createReadStream(join(folder, `${name}.copy`)), target);
    }
  });
}

/** Whether somebody has worked with this database: a new one has no users. */
export async function isUnused(client: postgres.Sql): Promise<boolean> {
  const [found] = await client<{ users: string | null }[]>`select to_regclass('public.user') as users`;
  if (!found?.users) return true;
  return (await client`select 1 from "user" limit 1`).length === 0;
}

/** Our tables, each after those that it refers to. */
async function tablesInOrder(tx: postgres.TransactionSql): Promise<string[]> {
  const names = await tx<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' order by tablename`;
  const references = await tx<{ from: string; to: string }[]>`
    select f.relname as from, t.relname as to from pg_constraint c
    join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace and f.oid <> t.oid`;
  const ordered: string[] = [];
  const waiting = new Set(names.map(({ name }) => name));
  while (waiting.size > 0) {
    const ready = [...waiting].filter(
      (name) => !references.some(({ from, to }) => from === name && waiting.has(to)),
    );
    if (ready.length === 0)
      throw new Error(`Tables refer to each other in a circle: ${[...waiting].join(', ')}`);
    for (const name of ready) waiting.delete(name);
    ordered.push(...ready);
  }
  return ordered;
}

async function columnsOf(tx: postgres.TransactionSql, table: string): Promise<string[]> {
  const rows = await tx<{ name: string }[]>`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER' order by ordinal_position`;
  return rows.map(({ name }) => name);
}
