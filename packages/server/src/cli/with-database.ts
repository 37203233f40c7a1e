import { createLogger, type Logger } from '@pocketproxy/runtime';
import type { Config } from '../config.ts';
import { DataDirLock, lockHolder } from '../data-dir-lock.ts';
import { type Database, type DatabaseAddress, openDatabase } from '../db/database.ts';
import { startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { Lifecycle } from '../lifecycle.ts';

/**
 * Runs a command on the server's database: the external one, the embedded one of the server that runs now, or the
 * embedded one started for this command.
 */
export async function withDatabase<T>(
  config: Config,
  command: (database: Database) => Promise<T>,
): Promise<T> {
  const log = createLogger({ level: config.logLevel ?? 'error' });
  const lifecycle = new Lifecycle(log);
  try {
    const address = await findDatabase(config, log, lifecycle);
    const database = openDatabase({ address, log, maxConnections: 2 });
    lifecycle.onStop('database pool', () => database.close());
    return await command(database);
  } finally {
    await lifecycle.stop();
  }
}

async function findDatabase(config: Config, log: Logger, lifecycle: Lifecycle): Promise<DatabaseAddress> {
  if (config.databaseUrl !== null) {
    await migrateDatabase(config.databaseUrl, log);
    return config.databaseUrl;
  }
  const holder = await lockHolder(config.dataDir);
  if (holder?.database) return holder.database;
  const lock = await DataDirLock.acquire(config.dataDir, 0);
  lifecycle.onStop('lock', () => lock.release());
  const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
  lifecycle.onStop('database', () => embedded.stop());
  await migrateDatabase(embedded.connection, log);
  return embedded.connection;
}
