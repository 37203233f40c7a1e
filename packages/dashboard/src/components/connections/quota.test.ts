import { expect, test } from 'vitest';
import { nextPeriod, usedShare } from './quota.ts';

const next = (quotaPeriod: 'total' | 'day' | 'month', now: string, quotaResetDay = 1) => {
  const at = nextPeriod({ quotaBytes: 1, quotaPeriod, quotaResetDay }, Date.parse(now));
  return at === null ? null : new Date(at).toISOString().slice(0, 10);
};

test.each([
  ['total', '2026-11-24T10:00:00Z', 1, null],
  ['day', '2026-12-31T23:59:59Z', 1, '2027-01-01'],
  ['month', '2026-11-24T10:00:00Z', 1, '2026-12-01'],
  ['month', '2026-11-24T10:00:00Z', 25, '2026-11-25'],
  ['month', '2026-11-24T10:00:00Z', 24, '2026-12-24'],
  ['month', '2026-12-30T10:00:00Z', 28, '2027-01-28'],
] as const)('a quota by %s begins anew after %s, with reset day %d, on %s', (period, now, day, date) => {
  expect(next(period, now, day)).toBe(date);
});

test('without a quota nothing begins anew, and no share is used', () => {
  expect(nextPeriod({ quotaBytes: null, quotaPeriod: 'day', quotaResetDay: 1 }, 0)).toBeNull();
  expect(usedShare({ usedBytes: 5, quotaBytes: null })).toBeNull();
  expect(usedShare({ usedBytes: 5, quotaBytes: 4 })).toBe(1.25);
});
