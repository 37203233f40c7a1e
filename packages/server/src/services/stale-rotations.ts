import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Db } from '../db/database.ts';
import { failStaleRotations } from '../db/stale-rotations.ts';

const CHECK_EVERY_MS = 30_000;

export interface StaleRotationsOptions {
  readonly db: Db;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Ends rotations whose relay is gone. Every control process may run it. Answers a function that stops it. */
export function startStaleRotations({ db, newId, clock, log }: StaleRotationsOptions): () => void {
  const check = (): void => {
    failStaleRotations(db, newId, new Date(clock.now()))
      .then((count) => count > 0 && log.warn({ count }, 'rotations failed that no relay ended'))
      .catch((error: unknown) => log.warn({ err: error }, 'stale rotations could not be looked for'));
  };
  const timer = clock.setInterval(check, CHECK_EVERY_MS);
  return () => timer.cancel();
}
