import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openContext } from '../browser.ts';
import { everythingRead } from '../pages.ts';
import { observe, readSeen, type Seen } from './in-page.ts';

export interface Load extends Seen {
  /** Script that it took, compressed with gzip, in bytes. */
  readonly scriptBytes: number;
  /** When its data was there and the page had time for a press. */
  readonly interactive: number;
}

type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

/** Opens a page in a browser that has nothing of it yet but a session. */
export async function loadCold(
  browser: Browser,
  url: string,
  session: Session | null,
  path: string,
): Promise<Load> {
  const context = await openContext(browser, url);
  try {
    if (session) await context.addCookies(session.cookies);
    const page = await context.newPage();
    await observe(page);
    const scripts = countScripts(page);
    await page.goto(path);
    await page.locator('h1').first().waitFor();
    await everythingRead(page);
    await page.waitForLoadState('networkidle');
    const seen = await readSeen(page);
    const interactive = Math.max(seen.ready || seen.largest, seen.busyUntil);
    return { ...seen, interactive, scriptBytes: await scripts() };
  } finally {
    await context.close();
  }
}

function countScripts(page: Page): () => Promise<number> {
  const sizes: Promise<number>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') {
      sizes.push(response.body().then((body) => gzipSync(body, { level: 9 }).length));
    }
  });
  return async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
