import { expect, test } from 'vitest';
import { signalBars } from './signal-bars.ts';

test.each([
  [-60, 4],
  [-85, 4],
  [-86, 3],
  [-100, 2],
  [-110, 1],
  [-120, 0],
])('%d dBm lights %d bars', (dbm, bars) => {
  expect(signalBars(dbm)).toBe(bars);
});
