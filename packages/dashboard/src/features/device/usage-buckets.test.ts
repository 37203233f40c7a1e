import { expect, test } from 'vitest';
import {
  daySpan,
  fillBuckets,
  monthSpan,
  stepDay,
  stepMonth,
  sumBuckets,
  yearSpan,
} from './usage-buckets.ts';

test('days and months follow each other across the ends of months and years', () => {
  expect(stepDay('2026-11-30', 1)).toBe('2026-12-01');
  expect(stepDay('2026-01-01', -1)).toBe('2025-12-31');
  expect(stepMonth('2026-12', 1)).toBe('2027-01');
  expect(monthSpan('2026-02')).toEqual({ from: '2026-02-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' });
  expect(yearSpan('2026-11').from).toBe('2025-12-01T00:00:00.000Z');
});

test('what is left out of the answer had no traffic', () => {
  const items = [{ start: '2026-11-24T05:00:00Z', bytesUp: 3, bytesDown: 40 }];
  const points = fillBuckets(items, daySpan('2026-11-24'), 'hour');
  expect(points).toHaveLength(24);
  expect(points[5]?.values).toEqual({ down: 40, up: 3 });
  expect(points[6]?.values).toEqual({ down: 0, up: 0 });
  expect(fillBuckets([], monthSpan('2026-02'), 'day')).toHaveLength(28);
  expect(fillBuckets([], yearSpan('2026-11'), 'month')).toHaveLength(12);
  expect(sumBuckets([...items, ...items])).toEqual({ down: 80, up: 6 });
});
