import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { openPage, type PageOfDashboard } from '../pages.ts';

// What runs in pages is text: the scripts know no types of browsers.
const SCRIPTS = `performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.js'))`;

/**
 * How much script each page takes until it is there, compressed with gzip, in bytes by name: what a browser with an
 * empty cache reads, whichever this one has already.
 */
export async function scriptWeights(
  page: Page,
  pages: readonly PageOfDashboard[],
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const weights = new Map<string, number>();
  for (const each of pages) {
    await openPage(page, each);
    const urls = await page.evaluate<string[]>(SCRIPTS);
    for (const url of urls) if (!sizes.has(url)) sizes.set(url, await sizeOf(page, url));
    weights.set(
      each.name,
      [...new Set(urls)].reduce((sum, url) => sum + (sizes.get(url) ?? 0), 0),
    );
  }
  return weights;
}

async function sizeOf(page: Page, url: string): Promise<number> {
  const answer = await page.request.get(url);
  return gzipSync(await answer.body(), { level: 9 }).length;
}
