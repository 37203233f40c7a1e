import { expect, test } from 'vitest';
import { median, pairedRatios, percentile, spreadOf } from './statistics.ts';

test('the median is the middle value, or the mean of the two middle ones', () => {
  expect(median([30, 1, 2])).toBe(2);
  expect(median([4, 1, 10, 2])).toBe(3);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test('values are compared as numbers, not as text', () => {
  expect(median([9, 10, 100])).toBe(10);
  expect(percentile([9, 10, 100], 1)).toBe(100);
});

test('a percentile is the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile(hundred, 1)).toBe(100);
  expect(percentile([5], 0.01)).toBe(5);
  expect(percentile([], 0.5)).toBeNaN();
});

test('a spread has the median and both ends', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});

test('ratios are taken within a round, so a slow machine in one of them does not count against either', () => {
  // The second round ran at a tenth of the speed for both.
  expect(pairedRatios([200, 20, 210], [100, 10, 100])).toEqual({ median: 2, min: 2, max: 2.1 });
});

test('a round that only one of both finished is left out', () => {
  expect(pairedRatios([2, 4, 100], [1, 2])).toEqual({ median: 2, min: 2, max: 2 });
});

test('the given values keep their order', () => {
  const values = [3, 1, 2];
  median(values);
  percentile(values, 0.5);
  expect(values).toEqual([3, 1, 2]);
});
