import { accessSync, constants } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Draws the same pages as the whole browser, and no window around them, which takes as long as the pages do. */
const CHROMIUM = '/usr/bin/chromium-headless-shell';
const ARGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

/** Sizes at which every page must work: desktop, laptop, tablet. */
export const WIDTHS = { desktop: 1440, laptop: 1024, tablet: 768 } as const;
const HEIGHT = 900;

/** What the page itself shows: a refused call, and a server that is gone. */
const ANSWERED = /^(Failed to load resource|WebSocket connection to)/;

export interface PageOptions {
  readonly width?: number;
  readonly theme?: 'dark' | 'light';
}

/** Whether there is a browser here. */
export function hasChromium(): boolean {
  try {
    accessSync(CHROMIUM, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian's Chromium without its windows; or a program that starts it somewhere else. */
export async function launchBrowser(executablePath: string = CHROMIUM): Promise<Browser> {
  return await chromium.launch({ executablePath, args: ARGS });
}

/** A person's browser that knows nothing yet, on the dashboard at `url`. */
export async function openContext(
  browser: Browser,
  url: string,
  { width = WIDTHS.desktop, theme = 'dark' }: PageOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: HEIGHT },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await context.addInitScript(`localStorage.setItem('pocketproxy.theme', '${theme}')`);
  return context;
}

/** Changes the theme of a page at once, without what is open on it being closed: its colours do not fade over. */
export async function setTheme(page: Page, theme: 'dark' | 'light'): Promise<void> {
  await page.evaluate(`(() => {
    const still = new CSSStyleSheet();
    still.replaceSync('*, ::before, ::after { transition: none !important }');
    document.adoptedStyleSheets.push(still);
    document.documentElement.classList.toggle('dark', ${theme === 'dark'});
    // Lets every element take its new colours while the sheet is there.
    document.body.getBoundingClientRect();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== still);
  })()`);
}

/** What went wrong on a page without anybody seeing it: uncaught errors, and what the browser refused to load. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !ANSWERED.test(message.text())) errors.push(message.text());
  });
  return errors;
}
