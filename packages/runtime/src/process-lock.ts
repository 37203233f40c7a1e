import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { constants, copyFile, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
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

/** What may be part of a file's name. */
const TOKEN = /^[\w-]{1,64}$/;
/** Replacing a leftover takes less. */
const BUSY_MS = 5;

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
        if (await takeOver(path, candidate)) break;
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

/**
 * Replaces what a dead process left behind with `candidate`. Of all who find the same leftover, one at a time may
 * replace it: who holds the file that is named after it. While one does, nobody else changes the leftover, so that what
 * it has looked at is what it replaces. Answers false when somebody else was faster.
 */
async function takeOver(path: string, candidate: string): Promise<boolean> {
  return await withRightTo(path, candidate, () => rename(candidate, path));
}

/** Runs `change` on what is at `path` if that is still the leftover that it was, and nobody else is at it. */
async function withRightTo(path: string, candidate: string, change: () => Promise<void>): Promise<boolean> {
  const leftover = await leftoverAt(path);
  if (leftover === null) return false;
  const right = `${path}.${leftover}`;
  if (!(await tryLink(candidate, right))) {
    const holder = await readContent(right);
    if (holder && isAlive(holder)) await wait(BUSY_MS);
    // Killed in the middle of this: the right itself is a leftover now.
    else await withRightTo(right, candidate, () => rm(right, { force: true }));
    return false;
  }
  try {
    if ((await leftoverAt(path)) !== leftover) return false;
    await change();
    return true;
  } finally {
    await rm(right, { force: true });
  }
}

/** Tells what a dead process left from every other that was or will be at `path`; `null` when there is none. */
async function leftoverAt(path: string): Promise<string | null> {
  const content = await readContent(path);
  if (content && isAlive(content)) return null;
  if (content && TOKEN.test(content.token)) return content.token;
  // Damaged, or not of ours.
  const facts = await stat(path, { bigint: true }).catch(() => null);
  return facts && `${facts.ino}-${facts.mtimeNs}`;
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
