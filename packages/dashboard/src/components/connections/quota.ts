import type { ConnectionView } from '@pocketproxy/protocol/api';

type Quota = Pick<ConnectionView, 'quotaBytes' | 'quotaPeriod' | 'quotaResetDay'>;

/** When a quota begins anew, in milliseconds since the epoch: at midnight UTC; `null` when it never does. */
export function nextPeriod({ quotaBytes, quotaPeriod, quotaResetDay }: Quota, now: number): number | null {
  if (quotaBytes === null || quotaPeriod === 'total') return null;
  const at = new Date(now);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (quotaPeriod === 'day') return Date.UTC(year, month, day + 1);
  return Date.UTC(year, day < quotaResetDay ? month : month + 1, quotaResetDay);
}

/** How much of a quota is used, 0 to 1 and beyond; `null` without one. */
export function usedShare({
  usedBytes,
  quotaBytes,
}: Pick<ConnectionView, 'usedBytes' | 'quotaBytes'>): number | null {
  return quotaBytes === null ? null : usedBytes / quotaBytes;
}

/** `a day`, `a month`; nothing where a quota is for ever. */
export function periodWord({ quotaPeriod }: Pick<ConnectionView, 'quotaPeriod'>): string {
  return quotaPeriod === 'total' ? '' : ` a ${quotaPeriod}`;
}
