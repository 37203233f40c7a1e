import { join } from 'node:path';
import postgres from 'postgres';
import type { TestServer } from './test-server.ts';

/** A connection to the embedded database of a running server, for what no API can do: moving time. */
export function openServerDatabase(server: Pick<TestServer, 'dataDir'>): postgres.Sql {
  const login = { username: 'pocketproxy', database: 'pocketproxy' };
  return postgres({ host: join(server.dataDir, 'postgres'), port: 5432, ...login, max: 1 });
}
