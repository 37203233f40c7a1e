import { access } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useWorld } from './harness/world.ts';
import { PAGE_RESOURCES } from './origins/page.ts';

const CHROMIUM = '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const present = await access(CHROMIUM).then(
  () => true,
  () => false,
);

describe.skipIf(!present)(`Chromium${present ? '' : ` (skipped: ${CHROMIUM} is missing)`}`, () => {
  const world = useWorld();

  test('loads a page with 200 sub-resources through the proxy, each of them right', async () => {
    const { connection, origin } = world();
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ARGS,
      proxy: {
        server: `http://127.0.0.1:${connection.port}`,
        username: connection.username,
        password: connection.password,
        // Chromium goes past its proxy for loopback addresses unless told otherwise.
        bypass: '<-loopback>',
      },
    });
    try {
      const page = await browser.newPage();
      await page.goto(origin.url('/page'));
      await page.waitForFunction(`window.loaded.length + window.failed.length >= ${PAGE_RESOURCES}`);
      expect(await page.evaluate('window.failed')).toEqual([]);
      const loaded = await page.evaluate('window.loaded.toSorted((a, b) => a - b)');
      expect(loaded).toEqual(Array.from({ length: PAGE_RESOURCES }, (_, index) => index));
      expect(origin.requests.length).toBeGreaterThan(PAGE_RESOURCES);
      const usage = await world().server.api.connection(connection.id);
      expect(usage.id).toBe(connection.id);
    } finally {
      await browser.close();
    }
  });
});
