import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { SocketConnection } from './db/embedded-postgres.ts';

const holderSchema = z.object({
  pid: z.number().int().positive(),
  /** When that process started: process ids are used again, also after a reboot. */
  started: z.string().nullable(),
  token: z.string(),
  /** Socket of the holder's embedded database, once that runs. */
  database: z
    .object({ host: z.string(), port: z.number(), username: z.string(), database: z.string() })
    .nullable(),
});

/** The process that works on a data directory. */
export type LockHolder = z.infer<typeof holderSchema>;

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
  readonly #path: string;
  #holder: LockHolder;

  private constructor(path: string, holder: LockHolder) {
    this.#path = path;
    this.#holder = holder;
  }

  /**
   * Takes the lock. A predecessor that is just stopping gets `waitMs` for it; one that died left a lock that counts
   * for nothing.
   * @throws {DataDirLockedError}
   */
  static async acquire(dataDir: string, waitMs: number): Promise<DataDirLock> {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    const path = lockPath(dataDir);
    const holder = { pid: process.pid, started: startOf(process.pid), token: randomUUID(), database: null };
    const deadline = performance.now() + waitMs;
    const candidate = `${path}.${holder.token}`;
    await writeFile(candidate, JSON.stringify(holder), { mode: 0o600 });
    try {
      // A link appears with its content or not at all: nobody reads half a lock.
      while (!(await tryLink(candidate, path))) {
        const other = await readHolder(path);
        if (!other || !isAlive(other)) await removeStale(path, holder.token);
        else if (performance.now() >= deadline) throw new DataDirLockedError(dataDir, other.pid);
        else await wait(POLL_MS);
      }
    } finally {
      await rm(candidate, { force: true });
    }
    return new DataDirLock(path, holder);
  }

  /** Tells other commands of this machine how to reach the embedded database. */
  async announceDatabase(database: SocketConnection): Promise<void> {
    this.#holder = { ...this.#holder, database };
    const draft = `${this.#path}.${this.#holder.token}`;
    await writeFile(draft, JSON.stringify(this.#holder), { mode: 0o600 });
    await rename(draft, this.#path);
  }

  /** Synchronous, because it is the last thing that a process does. */
  release(): void {
    if (parseHolder(safeRead(this.#path))?.token === this.#holder.token) rmSync(this.#path, { force: true });
  }
}

/** The living process that works on a data directory, or `null`. */
export async function lockHolder(dataDir: string): Promise<LockHolder | null> {
  const holder = await readHolder(lockPath(dataDir));
  return holder && isAlive(holder) ? holder : null;
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'server.lock');
}

async function tryLink(candidate: string, path: string): Promise<boolean> {
  try {
    await link(candidate, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Of several who find a dead process's lock, one moves it away; a lock that came to live since is put back. */
async function removeStale(path: string, token: string): Promise<void> {
  const moved = `${path}.${token}.stale`;
  try {
    await rename(path, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = await readHolder(moved);
  if (taken && isAlive(taken)) await tryLink(moved, path);
  await rm(moved, { force: true });
}

async function readHolder(path: string): Promise<LockHolder | null> {
  return parseHolder(await readFile(path, 'utf8').catch(() => ''));
}

function safeRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function parseHolder(text: string): LockHolder | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function isAlive({ pid, started }: LockHolder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === null || started === startOf(pid);
}

/** Start time of a process with the boot it counts from; `null` where there is no /proc. */
function startOf(pid: number): string | null {
  const stat = safeRead(`/proc/${pid}/stat`);
  if (stat === '') return null;
  // The second field, the name, is in parentheses and may hold anything; the start is the 22nd.
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${safeRead('/proc/sys/kernel/random/boot_id').trim()} ${start}`;
}
