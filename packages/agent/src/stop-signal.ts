import { watchParent } from '@pocketproxy/runtime';

/** Why the agent should stop. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'parent gone';

/**
 * Resolves when this process is asked to stop, or when the process that supervises it has vanished. A second signal
 * ends the process at once.
 */
export function stopRequested(): Promise<StopReason> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
    watchParent(() => resolve('parent gone'));
  });
}
