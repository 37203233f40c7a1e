import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { ADMIN } from '../harness/test-server.ts';
import { useWorld, type World, type WorldOptions } from '../harness/world.ts';
import { launchBrowser, openContext, type PageOptions, watchErrors } from './browser.ts';
import { signIn } from './sign-in.ts';

export interface Dashboard {
  readonly world: World;
  readonly url: string;
  /** A page of somebody who is not signed in. */
  open(path: string, options?: PageOptions): Promise<Page>;
  /** A page of the first administrator. */
  openSignedIn(path: string, options?: PageOptions): Promise<Page>;
}

/**
 * A world and a browser for all tests of this file. A test fails when a page that it has opened met an error that it
 * did not show.
 */
export function useDashboard(options: WorldOptions = {}): () => Dashboard {
  const world = useWorld(options);
  let browser: Browser | undefined;
  let contexts: BrowserContext[] = [];
  let errors: string[][] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterEach(async () => {
    const met = errors.flat();
    await Promise.all(contexts.map((context) => context.close()));
    [contexts, errors] = [[], []];
    expect(met).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => {
    if (!browser) throw new Error('The browser was not started');
    const started = browser;
    const url = `http://127.0.0.1:${world().server.ports.http}`;
    const newPage = async (pageOptions?: PageOptions): Promise<Page> => {
      const context = await openContext(started, url, pageOptions);
      contexts.push(context);
      const page = await context.newPage();
      errors.push(watchErrors(page));
      return page;
    };
    return {
      ...{ world: world(), url },
      open: async (path, pageOptions) => {
        const page = await newPage(pageOptions);
        await page.goto(path);
        return page;
      },
      openSignedIn: async (path, pageOptions) => {
        const page = await newPage(pageOptions);
        await signIn(page, ADMIN, path);
        return page;
      },
    };
  };
}
