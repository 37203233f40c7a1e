import { createLogger, type Logger } from '@pocketproxy/runtime';
import { AgentError } from './agent-error.ts';
import { AgentLifecycle } from './agent-lifecycle.ts';
import type { AgentConfig } from './config.ts';
import { restartProcess } from './restart-process.ts';
import { serveCustomers } from './serve-customers.ts';
import type { AgentIdentity } from './state/identity.ts';
import { acquireRunLock } from './state/run-lock.ts';
import { StateDirectory } from './state/state-directory.ts';
import { stopRequested } from './stop-signal.ts';

/**
 * Serves customers until the process is asked to stop.
 * @throws {AgentError} not_paired, already_running, state_unreadable; revoked, when the relay no longer knows us
 */
export async function runAgent(config: AgentConfig): Promise<void> {
  const state = new StateDirectory(config.stateDir);
  await readIdentity(state);
  let lock = await acquireRunLock(state.lockFile, new Date());
  // Also after an uncaught exception.
  process.once('exit', () => lock.release());
  const log = createLogger({ level: config.logLevel });
  endOnUncaught(log);
  const stopping = stopRequested();
  const alive = keepAlive();
  try {
    for (;;) {
      const lifecycle = new AgentLifecycle(stopping);
      const end = await serveCustomers({
        config,
        state,
        identity: await readIdentity(state),
        lifecycle,
        log,
      });
      if (end.kind === 'stop') return;
      if (end.kind === 'revoked') throw revoked();
      if (end.pauseMs > 0 && (await isStoppedWithin(end.pauseMs, stopping))) return;
      // The new program takes the lock itself: nothing that waits for the end of this one is called.
      lock.release();
      restartProcess(log);
      lock = await acquireRunLock(state.lockFile, new Date());
    }
  } finally {
    clearInterval(alive);
  }
}

/**
 * The clock's timers keep no process alive. Without a session, as when the device was removed, nothing else would, and
 * the process would end in the middle of switching the radio on.
 */
function keepAlive(): NodeJS.Timeout {
  return setInterval(() => {}, 60_000);
}

/** @throws {AgentError} not_paired, state_unreadable */
async function readIdentity(state: StateDirectory): Promise<AgentIdentity> {
  const identity = await state.readIdentity();
  if (identity) return identity;
  throw new AgentError(
    'not_paired',
    `This device is not paired (state directory ${state.path}). ` +
      'Make a pairing code in the dashboard and run: pocketproxy-agent pair <pairingUrl>',
  );
}

function revoked(): AgentError {
  return new AgentError(
    'revoked',
    'The relay no longer accepts this device: it was removed, or paired anew elsewhere. Pair it again to go on',
  );
}

/** Waits for `ms`, or until the process is asked to stop; answers whether it was. */
function isStoppedWithin(ms: number, stopping: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void stopping.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** The state of a program that did not expect an error is unknown: a supervisor starts it anew. */
function endOnUncaught(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
}
