import type { QuotaPeriod } from '@pocketproxy/protocol/api';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type { ConnectionRepository } from '../db/connection-repository.ts';

/** Start (UTC) of the period that `at` is in; for `total` that is now, and it never ends. */
export function periodStart(period: QuotaPeriod, at: Date): Date {
  if (period === 'total') return at;
  const day = period === 'day' ? at.getUTCDate() : 1;
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), day));
}

const CHECK_EVERY_MS = 10_000;

export interface QuotaPeriodsOptions {
  readonly repository: Pick<ConnectionRepository, 'beginPeriods'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Lets quotas that count by day or month begin anew. Every control process may run it: a period begins by one
 * conditional update, which the second finds done.
 */
export function startQuotaPeriods({ repository, clock, log }: QuotaPeriodsOptions): () => void {
  const check = (): void => {
    repository
      .beginPeriods(new Date(clock.now()))
      .then((count) => count > 0 && log.info({ count }, 'quota periods began'))
      .catch((error: unknown) => log.warn({ err: error }, 'quota periods could not be checked'));
  };
  check();
  const timer = clock.setInterval(check, CHECK_EVERY_MS);
  return () => timer.cancel();
}
