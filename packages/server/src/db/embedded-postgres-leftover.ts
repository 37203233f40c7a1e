import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** What is asked of a running process. */
interface ProcessInfo {
  readonly parent: number;
  readonly command: string;
}

export interface ClearingOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** Told when an orphan was asked to end, and nothing is left to do but to wait for that. */
  readonly onWait: () => void;
}

const POLL_MS = 25;
/** Fast shutdown, then immediate shutdown (the next start recovers from the log), then the hard way. */
const ESCALATION = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;

/** Put on the command line of PostgreSQL, so that an orphan can be told from the database of a living server. */
export function parentMark(pid: number): string {
  // The dot ends the number: 12 must not be found in 123.
  return `pocketproxy-parent-${pid}.`;
}

/**
 * Clears the way for a new postmaster: stops one whose server was killed, and removes lock files that nobody holds
 * any more, even if their process id has gone to another program since.
 * @throws {EmbeddedPostgresError} `data_directory_in_use` when the server that started it is alive
 */
export async function clearLeftovers(
  clusterDir: string,
  socketFile: string,
  options: ClearingOptions,
): Promise<void> {
  const lockFile = join(clusterDir, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(lockFile, 'utf8').catch(() => ''), 10);
  if (!Number.isSafeInteger(pid)) return;
  const postmaster = await ourPostmaster(pid, clusterDir);
  if (postmaster) {
    if (postmaster.command.includes(parentMark(postmaster.parent))) {
      throw new EmbeddedPostgresError(
        'data_directory_in_use',
        `Another PocketProxy (process ${postmaster.parent}) is running on this data directory. Stop it, or set POCKETPROXY_DATA_DIR to another folder.`,
      );
    }
    options.log.warn({ pid }, 'stopping the database of a server that is gone');
    await stopOrphan(pid, clusterDir, options);
  }
  for (const file of [lockFile, `${socketFile}.lock`, socketFile]) await rm(file, { force: true });
}

async function stopOrphan(
  pid: number,
  clusterDir: string,
  { clock, onWait }: ClearingOptions,
): Promise<void> {
  for (const { signal, waitMs } of ESCALATION) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    onWait();
    const deadline = clock.monotonic() + waitMs;
    while (clock.monotonic() < deadline) {
      if ((await ourPostmaster(pid, clusterDir)) === null) return;
      await wait(POLL_MS);
    }
  }
  throw new EmbeddedPostgresError(
    'database_start_failed',
    `PostgreSQL (process ${pid}) of an earlier run does not end.`,
  );
}

/** `null` when `pid` is gone, a zombie, or another program by now. */
async function ourPostmaster(pid: number, clusterDir: string): Promise<ProcessInfo | null> {
  const info = await (process.platform === 'linux' ? infoFromProc(pid) : infoFromPs(pid));
  return info?.command.includes(`-D ${clusterDir} `) ? info : null;
}

async function infoFromProc(pid: number): Promise<ProcessInfo | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, is in parentheses and may hold anything; state and parent follow it.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    return { parent: Number(parent), command };
  } catch {
    return null;
  }
}

async function infoFromPs(pid: number): Promise<ProcessInfo | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', [
      '-ww',
      '-o',
      'ppid=,stat=,command=',
      '-p',
      String(pid),
    ]);
    const match = /^\s*(\d+)\s+(\S+)\s+(.*)$/s.exec(stdout);
    if (!match || match[2]?.startsWith('Z')) return null;
    return { parent: Number(match[1]), command: `${match[3]?.trimEnd()} ` };
  } catch {
    return null;
  }
}
