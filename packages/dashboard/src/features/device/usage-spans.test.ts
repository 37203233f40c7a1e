import { expect, test } from 'vitest';
import { monthSpan, stepDay, stepMonth, yearSpan } from './usage-spans.ts';

test('days and months follow each other across the ends of months and years', () => {
  expect(stepDay('2026-11-30', 1)).toBe('2026-12-01');
  expect(stepDay('2026-01-01', -1)).toBe('2025-12-31');
  expect(stepMonth('2026-12', 1)).toBe('2027-01');
  expect(monthSpan('2026-02')).toEqual({ from: '2026-02-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' });
  expect(yearSpan('2026-11').from).toBe('2025-12-01T00:00:00.000Z');
});
