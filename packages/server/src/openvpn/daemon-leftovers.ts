import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Clock } from '@pocketproxy/runtime';

/** A daemon whose relay was killed says goodbye to its clients, and then ends by itself. */
const GOODBYE_MS = 3_000;
const POLL_MS = 50;

/**
 * Waits until daemons with this configuration file, of a relay that was killed, have ended; kills them if they do not.
 */
export async function endLeftoverDaemons(configFile: string, clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + GOODBYE_MS;
  for (;;) {
    const pids = await daemonsOf(configFile);
    if (pids.length === 0) return;
    if (clock.monotonic() >= deadline) for (const pid of pids) kill(pid);
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, POLL_MS));
  }
}

/** Process ids of daemons that were started with this file. */
async function daemonsOf(configFile: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isSafeInteger);
  const found = await Promise.all(pids.map((pid) => isDaemon(pid, configFile)));
  return pids.filter((_, index) => found[index]);
}

async function isDaemon(pid: number, configFile: string): Promise<boolean> {
  // Empty for a zombie, and gone for a process that ended meanwhile.
  const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split(
    '\0',
  );
  return basename(program) === 'openvpn' && args.includes(configFile);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
