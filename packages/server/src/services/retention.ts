import type { Clock, Logger } from '@pocketproxy/runtime';
import type { RetentionRepository } from '../db/retention-repository.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CHECK_EVERY_MS = HOUR_MS;

/** For how long rows are kept, in days. */
const KEPT_DAYS = {
  hoursOfUsage: 90,
  daysOfUsage: 5 * 366,
  samples: 14,
  commands: 90,
  rotations: 90,
  audit: 365,
  /** Once they have expired. */
  logins: 1,
  invitations: 90,
} as const;

export interface RetentionOptions {
  readonly repository: RetentionRepository;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Forgets what is old, now and every hour. Every control process may run it. Answers what stops it. */
export function startRetention({ repository, clock, log }: RetentionOptions): () => void {
  const jobs: Readonly<Record<keyof typeof KEPT_DAYS, (before: Date) => Promise<number>>> = {
    hoursOfUsage: (before) => repository.forgetHours(before),
    daysOfUsage: (before) => repository.forgetDays(before),
    samples: (before) => repository.forgetSamples(before),
    commands: (before) => repository.forgetCommands(before),
    rotations: (before) => repository.forgetRotations(before),
    audit: (before) => repository.forgetAudit(before),
    logins: (before) => repository.forgetLogins(before),
    invitations: (before) => repository.forgetInvitations(before),
  };
  let running = false;
  let stopped = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    for (const [name, job] of Object.entries(jobs)) {
      if (stopped) break;
      try {
        const rows = await job(new Date(clock.now() - KEPT_DAYS[name as keyof typeof KEPT_DAYS] * DAY_MS));
        if (rows > 0) log.info({ job: name, rows }, 'old rows were forgotten');
      } catch (error) {
        // One that fails is no reason to keep everything else for ever.
        if (!stopped) log.warn({ err: error, job: name }, 'old rows could not be forgotten, will try again');
      }
    }
    running = false;
  };
  void run();
  const timer = clock.setInterval(() => void run(), CHECK_EVERY_MS);
  return () => {
    stopped = true;
    timer.cancel();
  };
}
