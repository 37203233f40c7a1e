import { join } from 'node:path';
import { runCommand } from './harness/run-command.ts';
import { DATABASE_TEMPLATE } from './harness/test-server.ts';

const MAIN = join(import.meta.dirname, '../packages/server/src/testing/database-template-main.ts');

/** Makes, once for all servers of the tests, the empty database that they begin with. */
export async function setup(): Promise<void> {
  process.env[DATABASE_TEMPLATE] = (await runCommand([process.execPath, MAIN])).trim();
}
