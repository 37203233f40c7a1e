import type { Logger } from '@pocketproxy/runtime';
import type { Config } from './config.ts';
import { DataDirLock } from './data-dir-lock.ts';
import type { DatabaseAddress } from './db/database.ts';
import { startEmbeddedPostgres } from './db/embedded-postgres.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Progress, RunningRoles } from './roles.ts';

/** How long a predecessor may take to stop. */
const PREDECESSOR_MS = 5_000;

export interface RunningServer extends RunningRoles {
  /** Stops every part in the opposite order of the start. */
  stop(): Promise<void>;
}

/**
 * Starts the server with the roles of its settings.
 *
 * The order is for customers, whose ports are closed meanwhile. To load the code takes most of the time, so that this file imports
 * only what the database needs to start; a relay's code is loaded while that starts, and control's when the ports are open.
 * @throws errors whose message is for the operator; nothing is left running then
 */
export async function startServer(
  config: Config,
  log: Logger,
  progress: Progress = () => {},
): Promise<RunningServer> {
  const lifecycle = new Lifecycle(log);
  try {
    const lock = await DataDirLock.acquire(config.dataDir, PREDECESSOR_MS);
    lifecycle.onStop('lock', () => lock.release());
    progress('Starting the database');
    const address = config.databaseUrl ?? (await startDatabase(config, log, lock, lifecycle));
    const { startRoles } = await import('./roles.ts');
    const roles = await startRoles({ config, log, address, lifecycle, progress });
    return { ...roles, stop: () => lifecycle.stop() };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function startDatabase(
  config: Config,
  log: Logger,
  lock: DataDirLock,
  lifecycle: Lifecycle,
): Promise<DatabaseAddress> {
  const embedded = await startEmbeddedPostgres({
    ...{ dataDir: config.dataDir, log },
    // What cannot be loaded is told when it is needed.
    onWait: () => void import('./roles.ts').catch(() => {}),
  });
  lifecycle.onStop('database', () => embedded.stop());
  await lock.announceDatabase(embedded.connection);
  return embedded.connection;
}
