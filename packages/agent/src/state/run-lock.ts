import { ProcessLock } from '@pocketproxy/runtime';
import { z } from 'zod';
import { AgentError } from '../agent-error.ts';

const noteSchema = z.object({ since: z.string() });

/**
 * Makes this the only running agent of a state directory: two would end each other's sessions without end.
 * @throws {AgentError} already_running
 */
export async function acquireRunLock(path: string, now: Date): Promise<ProcessLock> {
  const lock = await ProcessLock.acquire(path, { since: now.toISOString() });
  if (lock instanceof ProcessLock) return lock;
  throw new AgentError(
    'already_running',
    `The agent already runs with this state directory (process ${lock.pid})`,
  );
}

/** The process that holds the lock, or `null` when no agent runs. */
export async function runningAgent(path: string): Promise<{ pid: number; since: string } | null> {
  const holder = await ProcessLock.holder(path);
  const note = noteSchema.safeParse(holder?.note);
  return holder && note.success ? { pid: holder.pid, since: note.data.since } : null;
}
