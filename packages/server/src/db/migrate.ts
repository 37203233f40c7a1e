import { fileURLToPath } from 'node:url';
import type { Logger } from '@pocketproxy/runtime';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { connect, type DatabaseAddress } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
/** Any number, as long as it stays: it is the name of the lock on this database. */
const MIGRATION_LOCK = 7_305_521_001;

/** Brings the schema up to date. Of several processes that start at once, one does it and the others wait. */
export async function migrateDatabase(address: DatabaseAddress, log: Logger): Promise<void> {
  // The lock belongs to a connection, so there must be just one.
  const client = connect({ address, log, maxConnections: 1 });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
  } finally {
    await client.end({ timeout: 2 });
  }
}
