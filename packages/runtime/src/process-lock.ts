import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const holderSchema = z.object({
  pid: z.number().int().positive(),
  /** When that process started: process ids are used again, also after a reboot. `null` where there is no /proc. */
  started: z.string().nullable(),
  token: z.string(),
  /** What the holder tells others. */
  note: z.unknown(),
});
type Content = z.infer<typeof holderSchema>;

/** The living process that holds a lock, and what it tells. */
export interface LockHolder {
  readonly pid: number;
  readonly note: unknown;
}

/**
 * A file that one living process holds. What a killed process left behind counts for nothing; of several that find
 * it, one gets the lock.
 */
export class ProcessLock {
  readonly #path: string;
  #content: Content;

  private constructor(path: string, content: Content) {
    this.#path = path;
    this.#content = content;
  }

  /** Takes the lock, or answers who has it. The folder must exist. */
  static async acquire(path: string, note: unknown = null): Promise<ProcessLock | LockHolder> {
    const content = { pid: process.pid, started: startOf(process.pid), token: randomUUID(), note };
    const candidate = `${path}.${content.token}`;
    await writeFile(candidate, JSON.stringify(content), { mode: 0o600 });
    try {
      // A link is made with its content or not at all, so nobody ever reads a half-written lock.
      while (!(await tryLink(candidate, path))) {
        const holder = await readContent(path);
        if (holder && isAlive(holder)) return holder;
        await removeStale(path, content.token);
      }
    } finally {
      await rm(candidate, { force: true });
    }
    return new ProcessLock(path, content);
  }

  /** The living process that holds the lock, or `null`. */
  static async holder(path: string): Promise<LockHolder | null> {
    const content = await readContent(path);
    return content && isAlive(content) ? content : null;
  }

  /** Changes what others are told. */
  async tell(note: unknown): Promise<void> {
    this.#content = { ...this.#content, note };
    const draft = `${this.#path}.${this.#content.token}`;
    await writeFile(draft, JSON.stringify(this.#content), { mode: 0o600 });
    await rename(draft, this.#path);
  }

  /** Synchronous, because it is the last thing that a process does. Takes only this process's own lock away. */
  release(): void {
    if (parseContent(safeRead(this.#path))?.token === this.#content.token)
      rmSync(this.#path, { force: true });
  }
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

/** One of several moves a dead process's lock away; a lock that came to live since is put back. */
async function removeStale(path: string, token: string): Promise<void> {
  const moved = `${path}.${token}.stale`;
  try {
    await rename(path, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = await readContent(moved);
  if (taken && isAlive(taken)) await tryLink(moved, path);
  await rm(moved, { force: true });
}

async function readContent(path: string): Promise<Content | null> {
  return parseContent(await readFile(path, 'utf8').catch(() => ''));
}

function parseContent(text: string): Content | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function safeRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isAlive({ pid, started }: Content): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === null || started === startOf(pid);
}

/** Field 22 of /proc/<pid>/stat, with the boot it counts from; `null` for the dead, and on systems without it. */
function startOf(pid: number): string | null {
  const stat = safeRead(`/proc/${pid}/stat`);
  if (stat === '') return null;
  // The program's name, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie was killed and holds nothing any more; in a container it may never be reaped.
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return `${safeRead('/proc/sys/kernel/random/boot_id').trim()} ${fields[19]}`;
}
