import { expect, test } from 'vitest';
import { describeUserAgent } from './user-agent.ts';

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

test.each([
  [CHROME, 'Chrome on Linux'],
  [`${CHROME} Edg/140.0.0.0`, 'Edge on Linux'],
  ['Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0', 'Firefox on Android'],
  ['curl/8.14.1', 'curl'],
  ['node', 'node'],
  [null, 'Unknown program'],
])('%s is %s', (userAgent, expected) => {
  expect(describeUserAgent(userAgent)).toBe(expected);
});
