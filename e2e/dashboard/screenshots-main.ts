import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { TestAgent } from '../harness/test-agent.ts';
import { ADMIN, TestServer } from '../harness/test-server.ts';
import { launchBrowser, openContext, WIDTHS, watchErrors } from './browser.ts';
import { type Seeded, seedServer } from './seed.ts';
import { signIn } from './sign-in.ts';

// Shoots every page of a server in use, in both themes and at every width, into docs/screenshots. Arguments: parts of
// names of pages; all of them without.

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
const THEMES = ['dark', 'light'] as const;

/** Name of the picture, and where it is. */
function pagesOf({ deviceId, connectionId }: Seeded): readonly (readonly [string, string])[] {
  const device = `/devices/${deviceId}`;
  return [
    ['overview', '/'],
    ['devices', '/devices'],
    ...['connections', 'rotation', 'metrics', 'usage', 'commands', 'settings'].map(
      (tab) => [`device-${tab}`, `${device}/${tab}`] as const,
    ),
    ['connections', '/connections'],
    ['connection', `/connections/${connectionId}`],
    ['links', '/links'],
    ['notifications', '/notifications'],
    ['team', '/team'],
    ['settings', '/settings'],
    ['audit-log', '/audit-log'],
    ['api', '/api'],
    ['not-found', '/no-such-page'],
  ];
}

const server = await TestServer.start();
const agent = await TestAgent.start(server, 'Pixel 7 #01');
const browser = await launchBrowser();
try {
  const pages = pagesOf(await seedServer(server, agent));
  const wanted = process.argv.slice(2);
  const chosen = pages.filter(([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  await mkdir(FOLDER, { recursive: true });
  for (const theme of THEMES) {
    for (const width of Object.values(WIDTHS)) await shoot(browser, theme, width, chosen);
  }
} finally {
  await browser.close();
  await agent.destroy();
  await server.destroy();
}

async function shoot(
  browser: Browser,
  theme: 'dark' | 'light',
  width: number,
  pages: readonly (readonly [string, string])[],
): Promise<void> {
  const url = `http://127.0.0.1:${server.ports.http}`;
  const context = await openContext(browser, url, { theme, width });
  const page = await context.newPage();
  const errors = watchErrors(page);
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').waitFor();
  await page.screenshot({ path: join(FOLDER, `sign-in-${width}-${theme}.png`) });
  await signIn(page, ADMIN);
  for (const [name, path] of pages) {
    await page.goto(path);
    await page.getByRole('status').filter({ hasText: 'Live' }).first().waitFor();
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(FOLDER, `${name}-${width}-${theme}.png`) });
    if (!(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))) {
      errors.push(`${name} at ${width} px scrolls sideways`);
    }
  }
  for (const error of errors) console.error(`${theme} ${width}: ${error}`);
  if (errors.length > 0) process.exitCode = 1;
  await context.close();
}
