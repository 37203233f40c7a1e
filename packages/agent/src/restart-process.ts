/** What Node.js has from 22.15 on, where the system can do it. */
type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never;

/**
 * Starts this program anew in the same process: same process id, same parent, same standard streams, so that no
 * supervisor notices. Returns only where that is not possible: on older versions of Node.js, and when the parent
 * talks to us over a channel, which would not survive. `beforehand` is called only where it is possible: nothing
 * that was registered for the end of the process is.
 */
export function restartProcess(beforehand: () => void): void {
  const { execve } = process as { execve?: Execve };
  if (!execve || process.platform === 'win32' || process.connected) return;
  const { execPath, execArgv, argv, env } = process;
  beforehand();
  // A failure aborts the process (Node.js has given up too much by then), and a supervisor starts it.
  execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], env);
}
