import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SERVER_VERSION } from './version.ts';

test('the server says the version of its package', () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  expect(SERVER_VERSION).toBe(JSON.parse(manifest).version);
});
