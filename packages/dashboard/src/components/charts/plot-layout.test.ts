import { expect, test } from 'vitest';
import { layOut, MARGIN, type PlotInput } from './plot-layout.ts';
import { barsPath, linePath } from './plot-paths.ts';
import type { ChartPoint } from './series.ts';

const HOUR_MS = 3_600_000;
const MIDNIGHT = Date.parse('2026-11-24T00:00:00Z');
const SERIES = [
  { id: 'down', label: 'Download', color: 'blue' },
  { id: 'up', label: 'Upload', color: 'green' },
];

test('bars of hours are marked from midnight on, as often as there is room', () => {
  const points = hours(48, MIDNIGHT - 10 * HOUR_MS);
  const { times, step } = layOut(input({ points, width: 112 + 48 * 12 }));
  expect(step).toBeCloseTo(12);
  expect(times.map(({ text }) => text)).toEqual([
    '16',
    '20',
    '00',
    '04',
    '08',
    '12',
    '16',
    '20',
    '00',
    '04',
    '08',
    '12',
  ]);
  const gaps = times.slice(1).map(({ at }, index) => at - (times[index]?.at ?? 0));
  expect(gaps.every((gap) => Math.abs(gap - 4 * step) < 0.001)).toBe(true);
});

test('the point under the pointer is the one in whose room it is, or the last one on that side', () => {
  const points = hours(24, MIDNIGHT);
  const { indexAt, x } = layOut(input({ points, width: 800 }));
  expect(points.map((_, index) => indexAt(x(index)))).toEqual([...points.keys()]);
  expect([indexAt(0), indexAt(799)]).toEqual([0, 23]);
});

test('a line has its points at their times, and the one closest in time is pointed at', () => {
  const points = [0, 1, 9].map((at) => ({ at: MIDNIGHT + at * HOUR_MS, values: { down: at } }));
  const { indexAt, x } = layOut(
    input({ kind: 'line', points, width: 1_112, span: [MIDNIGHT, MIDNIGHT + 10 * HOUR_MS] }),
  );
  expect(points.map((_, index) => Math.round(x(index)))).toEqual(
    [0, 1, 9].map((at) => MARGIN.left + at * 100),
  );
  expect([0, 130, 460, 600, 1_100].map((at) => indexAt(MARGIN.left + at))).toEqual([0, 1, 1, 2, 2]);
});

test('values that leave the wanted ends of the axis widen it', () => {
  const points = [{ at: MIDNIGHT, values: { down: -131 } }];
  const { y } = layOut(input({ kind: 'line', points, domain: [-120, -50] }));
  expect(y(-50)).toBeCloseTo(MARGIN.top);
  expect(y(-131)).toBeCloseTo(200 - MARGIN.bottom);
});

test('bytes are marked at round numbers of the chosen units', () => {
  const points = [{ at: MIDNIGHT, values: { down: 807 * 1024 ** 2, up: 0 } }];
  const marks = (byteUnits: 'iec' | 'si') =>
    layOut(input({ points, bytes: true, byteUnits })).values.map(({ text }) => Number(text));
  expect(marks('iec')).toEqual([0, 256, 512, 768, 1024].map((count) => count * 1024 ** 2));
  expect(marks('si')).toEqual([0, 200e6, 400e6, 600e6, 800e6, 1000e6]);
});

test('bars of one point stand side by side, and little beside much is seen', () => {
  const points = [{ at: MIDNIGHT, values: { down: 1e9, up: 1 } }];
  const layout = layOut(input({ points }));
  const [down, up] = SERIES.map(({ id }, place) => barsPath(layout, points, id, place, 2));
  const middle = layout.x(0);
  expect(down?.startsWith(`M${middle - 18.5},`)).toBe(true);
  expect(up?.startsWith(`M${middle + 0.5},176v0a1,1`)).toBe(true);
});

test('a line is broken where nothing is known', () => {
  const points = [1, null, 2, 3].map((down, at) => ({ at: MIDNIGHT + at * HOUR_MS, values: { down } }));
  const layout = layOut(input({ kind: 'line', points }));
  expect(linePath(layout, points, 'down').match(/M/g)).toHaveLength(2);
});

function hours(count: number, from: number): ChartPoint[] {
  return Array.from({ length: count }, (_, at) => ({
    at: from + at * HOUR_MS,
    values: { down: at, up: 0 },
  }));
}

function input(change: Partial<PlotInput>): PlotInput {
  return {
    ...{ series: SERIES, kind: 'bar', points: [], width: 600, height: 200, byteUnits: 'iec' },
    ...{ format: String, formatTime: (at) => new Date(at).toISOString().slice(11, 13) },
    ...change,
  };
}
