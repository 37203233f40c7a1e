import { expect, test } from 'vitest';
import { TrafficMeter } from './traffic-meter.ts';

test('the rate is what was counted over the last seconds', () => {
  const meter = new TrafficMeter(0);
  meter.start([{ id: 'a', usedBytes: 1_000_000 }]);
  expect(meter.rate(3_000)).toBeNull();
  meter.report({ id: 'a', usedBytes: 2_500_000 }, 4_000);
  meter.report({ id: 'a', usedBytes: 4_000_000 }, 7_000);
  expect(meter.rate(15_000)).toBeCloseTo((3_000_000 * 8) / 15);
  expect(meter.rate(30_000)).toBe(0);
});

test('what was used before is not traffic, and neither is a quota that begins anew', () => {
  const meter = new TrafficMeter(0);
  meter.report({ id: 'unknown', usedBytes: 9_000_000 }, 8_000);
  meter.start([{ id: 'a', usedBytes: 5_000 }]);
  meter.report({ id: 'a', usedBytes: 100 }, 9_000);
  expect(meter.rate(10_000)).toBe(0);
  meter.report({ id: 'a', usedBytes: 1_350 }, 9_500);
  expect(meter.rate(10_000)).toBe(1_000);
});

test('what was carried while nothing was heard is not the traffic of the moment when it is heard of', () => {
  const meter = new TrafficMeter(0);
  meter.start([{ id: 'a', usedBytes: 0 }]);
  meter.report({ id: 'a', usedBytes: 1_000 }, 1_000);
  meter.restart(60_000);
  expect(meter.rate(61_000)).toBeNull();
  meter.report({ id: 'a', usedBytes: 9_000_000 }, 62_000);
  meter.report({ id: 'a', usedBytes: 9_001_000 }, 65_000);
  expect(meter.rate(68_000)).toBe(1_000);
});
