import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '@pocketproxy/runtime';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { connect, type DatabaseAddress } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
const JOURNAL = 'meta/_journal.json';
/** Any number, as long as it stays: it is the name of the lock on this database. */
const MIGRATION_LOCK = 7_305_521_001;

interface Journal {
  readonly entries: readonly unknown[];
}

/**
 * Brings the schema up to date, or only as far as it was after the first `count` migrations. Of several processes that
 * start at once, one does it and the others wait.
 */
export async function migrateDatabase(address: DatabaseAddress, log: Logger, count?: number): Promise<void> {
  if (count !== undefined) {
    await withFirst(count, (folder) => migrateFrom(folder, address, log));
    return;
  }
  await migrateFrom(MIGRATIONS, address, log);
}

/** How many migrations this program knows. */
export async function knownMigrations(): Promise<number> {
  return (await readJournal()).entries.length;
}

async function migrateFrom(migrationsFolder: string, address: DatabaseAddress, log: Logger): Promise<void> {
  // The lock belongs to a connection, so there must be just one.
  const client = connect({ address, log, maxConnections: 1 });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle({ client }), { migrationsFolder });
  } finally {
    await client.end({ timeout: 2 });
  }
}

/** The migrator takes a folder whole, so it gets one whose journal ends earlier. */
async function withFirst(count: number, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pocketproxy-migrations-'));
  try {
    await cp(MIGRATIONS, folder, { recursive: true });
    const journal = await readJournal();
    const shortened = { ...journal, entries: journal.entries.slice(0, count) };
    await writeFile(join(folder, JOURNAL), JSON.stringify(shortened));
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readJournal(): Promise<Journal> {
  return JSON.parse(await readFile(join(MIGRATIONS, JOURNAL), 'utf8')) as Journal;
}
