import { watchParent } from '@pocketproxy/runtime';

/** Why the agent should stop. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'parent gone';

/** Ctrl-C may come twice for one press: from the terminal and from npm, which hands it on. */
const SAME_WISH_MS = 1_000;

/**
 * Resolves when this process is asked to stop, or when the process that supervises it has vanished. Repeated signals
 * are the same wish, handed on by npm or sent by a service manager to all it has started: what has begun to stop must
 * finish, or the radio stays off and routes stay behind. Only a person who presses Ctrl-C again is in a hurry.
 */
export function stopRequested(): Promise<StopReason> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    const ask = (reason: StopReason): void => {
      const now = performance.now();
      if (askedAt !== null && reason === 'SIGINT' && now - askedAt > SAME_WISH_MS) process.exit(1);
      askedAt ??= now;
      resolve(reason);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ask(signal));
    watchParent(() => ask('parent gone'));
  });
}
