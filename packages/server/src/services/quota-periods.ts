import type { QuotaPeriod } from '@pocketproxy/protocol/api';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type { ConnectionRepository } from '../db/connection-repository.ts';

/**
 * Start (UTC) of the period that `at` is in; for `total` that is now, and it never ends. Months begin on `resetDay`, 1
 * to 28. The same as `periodStartOfRow` of the database.
 */
export function periodStart(period: QuotaPeriod, at: Date, resetDay = 1): Date {
  if (period === 'total') return at;
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (period === 'day') return new Date(Date.UTC(year, month, day));
  return new Date(Date.UTC(year, day < resetDay ? month - 1 : month, resetDay));
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
