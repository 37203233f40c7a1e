import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@pocketproxy/runtime';
import { type Database, openDatabase } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { copyDatabase, databaseTemplate } from './test-database-template.ts';

export interface TestDatabase {
  readonly database: Database;
  /** Ends the server and starts it again: every connection is lost, and for a moment none can be made. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** An empty, migrated database on a real PostgreSQL of its own, for one test file. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const log = silentLogger();
  const dataDir = await mkdtemp(join(tmpdir(), 'pocketproxy-test-'));
  // As root, the database's own user has to get in.
  await chmod(dataDir, 0o711);
  await copyDatabase(await databaseTemplate(), dataDir);
  let server = await startEmbeddedPostgres({ dataDir, log });
  const database = openDatabase({ address: server.connection, log });
  return {
    database,
    restart: async () => {
      await server.stop();
      server = await startEmbeddedPostgres({ dataDir, log });
    },
    stop: async () => {
      await database.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
