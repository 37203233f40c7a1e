import { describe, expect, test } from 'vitest';
import { descriptorsForCustomers, readOpenFiles } from './open-files.ts';

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('the limit of descriptors and those that are open are known', () => {
    const { limit, open } = readOpenFiles()!;
    expect(open).toBeGreaterThan(3);
    expect(limit).toBeGreaterThan(open);
  });
});

test.each([
  ['a small limit keeps 48 back', { limit: 256, open: 40 }, 30, 256 - 40 - 48 - 30],
  ['a usual limit keeps an eighth back', { limit: 8_192, open: 40 }, 100, 8_192 - 40 - 1_024 - 100],
  ['a large limit keeps 2,048 back', { limit: 1_048_576, open: 40 }, 0, 1_048_576 - 40 - 2_048],
  ['phones that take everything leave nothing, and not less', { limit: 256, open: 40 }, 300, 0],
])('%s', (_, atStart, others, expected) => {
  expect(descriptorsForCustomers(atStart, others)).toBe(expected);
});
