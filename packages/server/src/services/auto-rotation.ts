import type { Clock, Logger } from '@pocketproxy/runtime';
import type { RotationSchedule } from '../db/rotation-schedule.ts';

const CHECK_EVERY_MS = 1_000;

/**
 * Asks for automatic rotations when they are due. Every control process may run it. A check that takes long delays
 * no other: the next one finds what it has not locked. Answers a function that stops it.
 */
export function startAutoRotation(
  schedule: Pick<RotationSchedule, 'run'>,
  clock: Clock,
  log: Logger,
): () => void {
  const timer = clock.setInterval(() => {
    schedule
      .run(new Date(clock.now()))
      .then((count) => count > 0 && log.info({ count }, 'automatic rotations queued'))
      .catch((error: unknown) => log.warn({ err: error }, 'automatic rotations could not be checked'));
  }, CHECK_EVERY_MS);
  return () => timer.cancel();
}
