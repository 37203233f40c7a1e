import { expect, test } from 'vitest';
import { isOlderVersion } from './version.ts';

test.each([
  ['0.1.0', '0.1.1'],
  ['0.9.0', '0.10.0'],
  ['1.99.99', '2.0.0'],
  ['1.0.0-beta.1', '1.0.0'],
  ['v1.0.0', '1.0.1+build.5'],
])('%s is older than %s, and not the other way round', (one, other) => {
  expect([isOlderVersion(one, other), isOlderVersion(other, one)]).toEqual([true, false]);
});

test.each([
  ['1.0.0', '1.0.0'],
  ['1.0.0+a', '1.0.0+b'],
  ['1.0.0-alpha', '1.0.0-beta'],
  ['unknown', '1.0.0'],
  ['1', '2'],
])('%s and %s: neither is older', (one, other) => {
  expect([isOlderVersion(one, other), isOlderVersion(other, one)]).toEqual([false, false]);
});
