import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { AgentError } from '../agent-error.ts';

const lockSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process started, in the kernel's ticks: process ids are used again, also after a reboot. */
  started: z.string().nullable(),
  token: z.string(),
  since: z.string(),
});
type Lock = z.infer<typeof lockSchema>;

/** One running agent per state directory: two would end each other's sessions without end. */
export class RunLock {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** @throws {AgentError} already_running */
  static async acquire(path: string, now: Date): Promise<RunLock> {
    const token = randomUUID();
    const lock: Lock = { pid: process.pid, started: startOf(process.pid), token, since: now.toISOString() };
    const candidate = `${path}.${token}`;
    await writeFile(candidate, JSON.stringify(lock), { mode: 0o600 });
    try {
      // A link is made with its content or not at all, so nobody ever reads a half-written lock.
      while (!(await tryLink(candidate, path))) await removeStale(path, token);
    } finally {
      await rm(candidate, { force: true });
    }
    return new RunLock(path, token);
  }

  /** Synchronous, because it is the last thing that a process does. */
  release(): void {
    try {
      const held = parseLock(readFileSync(this.#path, 'utf8'));
      if (held?.token === this.#token) rmSync(this.#path, { force: true });
    } catch {
      // Gone already: nothing to release.
    }
  }
}

/** The process that holds the lock, or `null` when no agent runs. */
export async function runningAgent(path: string): Promise<{ pid: number; since: string } | null> {
  const lock = await readLock(path);
  return lock && isAlive(lock) ? { pid: lock.pid, since: lock.since } : null;
}

async function tryLink(candidate: string, path: string): Promise<boolean> {
  try {
    await link(candidate, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP') {
      return tryCopy(candidate, path);
    }
    throw error;
  }
}

/** Android lets no app make hard links, and some file systems have none. */
async function tryCopy(candidate: string, path: string): Promise<boolean> {
  try {
    await copyFile(candidate, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeStale(path: string, token: string): Promise<void> {
  const found = await readLock(path);
  if (found && isAlive(found)) {
    throw new AgentError(
      'already_running',
      `The agent already runs with this state directory (process ${found.pid})`,
    );
  }
  // Somebody else may have replaced the stale lock since: then what was moved away is put back.
  const moved = `${path}.${token}.stale`;
  try {
    await rename(path, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = await readLock(moved);
  if (taken && isAlive(taken)) await tryLink(moved, path);
  await rm(moved, { force: true });
}

async function readLock(path: string): Promise<Lock | null> {
  try {
    return parseLock(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

function parseLock(text: string): Lock | null {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function isAlive(lock: Lock): boolean {
  try {
    process.kill(lock.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return lock.started === null || lock.started === startOf(lock.pid);
}

/** Field 22 of /proc/<pid>/stat, with the boot it counts from; `null` for the dead, and on systems without it. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The program's name, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie was killed and holds nothing any more; in a container it may never be reaped.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : `${boot} ${fields[19]}`;
  } catch {
    return null;
  }
}
