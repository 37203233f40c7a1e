import type { Logger } from '@pocketproxy/runtime';

/** What Node.js has from 22.15 on, on systems with execve(2). */
type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never;

/**
 * Starts this program anew in the same process: same process id, same parent, same standard streams, so that no
 * supervisor notices. Returns only where that is not possible, and the caller begins anew with the code that is
 * loaded: on older versions of Node.js, and when the parent talks to us over a channel, which would not survive.
 */
export function restartProcess(log: Logger): void {
  const { execve } = process as { execve?: Execve };
  if (!execve || process.platform === 'win32' || process.connected) return;
  const { execPath, execArgv, argv, env } = process;
  try {
    execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], env);
  } catch (error) {
    // The program may be gone for a moment, as during an update.
    log.warn({ err: error }, 'process not replaced, beginning anew with the code that is loaded');
  }
}
