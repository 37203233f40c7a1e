import { expect, test } from 'vitest';
import { clockText } from './clock-text.ts';

test.each([
  [5, '0:05'],
  [600, '10:00'],
  [3_725, '1:02:05'],
])('%d seconds are %s', (seconds, text) => {
  expect(clockText(seconds)).toBe(text);
});
