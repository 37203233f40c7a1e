import { describe, expect, test } from 'vitest';
import { pointsIn, zoomBetween, zoomInto } from './zoom.ts';

describe('a part of a chart', () => {
  test('is marked from either side, and has two points at least', () => {
    expect(zoomBetween(3, 7)).toEqual([3, 7]);
    expect(zoomBetween(7, 3)).toEqual([3, 7]);
    expect(zoomBetween(3, 3)).toBeNull();
  });

  test.each([
    [24, 12, [6, 17]],
    [24, 0, [0, 11]],
    [24, 23, [12, 23]],
    [5, 2, [1, 3]],
    [3, 2, [1, 2]],
  ])('is half of %d points around one of them: %d', (count, around, zoom) => {
    expect(zoomInto(count, around)).toEqual(zoom);
  });

  test.each([0, 1, 2])('is all when there are %d', (count) => {
    expect(zoomInto(count, 0)).toBeNull();
  });

  test('has the points of its time', () => {
    const points = [10, 20, 30, 40].map((at) => ({ at, values: {} }));
    expect(pointsIn(points, { start: 10, from: 20, to: 30 }).map(({ at }) => at)).toEqual([20, 30]);
    expect(pointsIn(points, null)).toBe(points);
    expect(pointsIn(points, { start: 10, from: 41, to: 50 })).toBe(points);
  });
});
