import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: always 100 for programs, whatever the kernel uses. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  /** Its own, and with those of children that ended. */
  readonly ownSeconds: number;
  readonly cpuSeconds: number;
}

/**
 * CPU seconds, user and system, that a process and all its descendants have used so far. Children that ended and were
 * waited for are counted with their parent, so that a server that forks hides nothing.
 */
export function cpuSecondsOfTree(root: number): number {
  let total = 0;
  for (const { cpuSeconds } of statsOfTree(root)) total += cpuSeconds;
  return total;
}

/** Resident memory of a process and its descendants, in bytes; pages that they share are counted each time. */
export function residentBytesOfTree(root: number): number {
  let total = 0;
  for (const { pid } of statsOfTree(root)) total += residentBytesOf(pid);
  return total;
}

/** CPU seconds of one process alone, without what it started. */
export function cpuSecondsOf(pid: number): number {
  return readStat(String(pid))?.ownSeconds ?? 0;
}

function* statsOfTree(root: number): Iterable<Stat & { readonly pid: number }> {
  const all = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(name) : null;
    if (stat) all.set(Number(name), stat);
  }
  for (const [pid, stat] of all) {
    let at = pid;
    while (at > 1 && at !== root) at = all.get(at)?.parent ?? 0;
    if (at === root) yield { pid, ...stat };
  }
}

/** `null` when the process has ended meanwhile. The fields are those of proc_pid_stat(5). */
function readStat(pid: string): Stat | null {
  const text = readProc(pid, 'stat');
  if (text === null) return null;
  // The name is in parentheses and may hold anything, so fields are counted from its end; the next is number 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const own = field(14) + field(15);
  const ended = field(16) + field(17);
  return {
    ...{ parent: field(4), ownSeconds: own / TICKS_PER_SECOND },
    cpuSeconds: (own + ended) / TICKS_PER_SECOND,
  };
}

/** Resident memory of one process alone, in bytes. */
export function residentBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(String(pid), 'status') ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function readProc(pid: string, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return null;
  }
}
