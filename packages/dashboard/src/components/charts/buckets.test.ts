import { expect, test } from 'vitest';
import { bucketMark, bucketName, fillBuckets, sumBuckets } from './buckets.ts';

const DAY = { from: '2026-11-24T00:00:00.000Z', to: '2026-11-25T00:00:00.000Z' };

test('what is left out of the answer had no traffic', () => {
  const items = [{ start: '2026-11-24T05:00:00Z', bytesUp: 3, bytesDown: 40 }];
  const points = fillBuckets(items, DAY, 'hour');
  expect(points).toHaveLength(24);
  expect(points[5]?.values).toEqual({ down: 40, up: 3 });
  expect(points[6]?.values).toEqual({ down: 0, up: 0 });
  expect(sumBuckets([...items, ...items])).toEqual({ down: 80, up: 6 });
});

test('a span that begins within a bucket begins with this bucket', () => {
  const span = { from: '2025-11-24T14:00:00.000Z', to: '2026-11-24T14:00:00.000Z' };
  const items = [{ start: '2025-11-01T00:00:00Z', bytesUp: 1, bytesDown: 2 }];
  const months = fillBuckets(items, span, 'month');
  expect(months).toHaveLength(13);
  expect(months[0]?.values).toEqual({ down: 2, up: 1 });
  expect(fillBuckets([], { ...span, from: '2026-11-22T14:00:00.000Z' }, 'day')).toHaveLength(3);
});

test.each([
  ['hour', '11-24 13:00', '13:00'],
  ['day', '2026-11-24', '11-24'],
  ['month', '2026-11', '2026-11'],
] as const)('by %s a bucket is called %s, and %s on the axis', (size, name, mark) => {
  const at = Date.parse('2026-11-24T13:00:00Z');
  expect([bucketName(at, size), bucketMark(at, size)]).toEqual([name, mark]);
});

test('on an axis of hours midnight tells the day', () => {
  expect(bucketMark(Date.parse(DAY.from), 'hour')).toBe('11-24');
});
