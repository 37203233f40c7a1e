import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ProcessLock } from '@pocketproxy/runtime';
import { z } from 'zod';
import type { SocketConnection } from './db/embedded-postgres.ts';

/** Socket of the holder's embedded database, once that runs. */
const databaseSchema = z
  .object({ host: z.string(), port: z.number(), username: z.string(), database: z.string() })
  .nullable()
  .catch(null);

/** The process that works on a data directory. */
export interface DataDirHolder {
  readonly pid: number;
  readonly database: SocketConnection | null;
}

/** Another process works on the data directory. */
export class DataDirLockedError extends Error {
  readonly pid: number;

  constructor(dataDir: string, pid: number) {
    super(
      `Another PocketProxy (process ${pid}) works on ${dataDir}. Stop it, or set POCKETPROXY_DATA_DIR to another folder.`,
    );
    this.name = 'DataDirLockedError';
    this.pid = pid;
  }
}

const POLL_MS = 50;

/** One server per data directory: two would fight over the database, the CA and the ports. */
export class DataDirLock {
  readonly #lock: ProcessLock;

  private constructor(lock: ProcessLock) {
    this.#lock = lock;
  }

  /**
   * Takes the lock. A predecessor that is just stopping gets `waitMs` for it.
   * @throws {DataDirLockedError}
   */
  static async acquire(dataDir: string, waitMs: number): Promise<DataDirLock> {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    const deadline = performance.now() + waitMs;
    for (;;) {
      const lock = await ProcessLock.acquire(lockPath(dataDir));
      if (lock instanceof ProcessLock) return new DataDirLock(lock);
      if (performance.now() >= deadline) throw new DataDirLockedError(dataDir, lock.pid);
      await wait(POLL_MS);
    }
  }

  /** Tells other commands of this machine how to reach the embedded database. */
  async announceDatabase(database: SocketConnection): Promise<void> {
    await this.#lock.tell(database);
  }

  release(): void {
    this.#lock.release();
  }
}

/** The living process that works on a data directory, or `null`. */
export async function lockHolder(dataDir: string): Promise<DataDirHolder | null> {
  const holder = await ProcessLock.holder(lockPath(dataDir));
  return holder && { pid: holder.pid, database: databaseSchema.parse(holder.note) };
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'server.lock');
}
