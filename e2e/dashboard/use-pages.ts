import type { Browser, BrowserContext, Cookie, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { ADMIN, type TestServer } from '../harness/test-server.ts';
import { launchBrowser, openContext, type PageOptions, watchErrors } from './browser.ts';
import { live, submitLogin } from './sign-in.ts';

export interface DashboardPages {
  readonly url: string;
  /** A page of somebody who is not signed in. */
  open(path: string, options?: PageOptions): Promise<Page>;
  /** A page of the first administrator, who signs in once for all tests of a file, and again where one has ended the session. */
  openSignedIn(path: string, options?: PageOptions): Promise<Page>;
}

/**
 * A browser for all tests of this file, on the dashboard of a server that was started before. A test fails when a page
 * that it has opened met an error that it did not show.
 */
export function usePages(server: () => TestServer): () => DashboardPages {
  let browser: Browser | undefined;
  let contexts: BrowserContext[] = [];
  let errors: string[][] = [];
  let session: readonly Cookie[] = [];
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
    const url = `http://127.0.0.1:${server().ports.http}`;
    const open = async (path: string, options?: PageOptions): Promise<Page> => {
      const page = await newPage(options);
      await page.goto(path);
      return page;
    };
    const newPage = async (options?: PageOptions): Promise<Page> => {
      const context = await openContext(started, url, options);
      contexts.push(context);
      const page = await context.newPage();
      errors.push(watchErrors(page));
      return page;
    };
    const openSignedIn = async (path: string, options?: PageOptions): Promise<Page> => {
      const page = await newPage(options);
      await page.context().addCookies(session);
      await page.goto(path);
      const form = page.getByRole('button', { name: 'Sign in', exact: true });
      await live(page).or(form).first().waitFor();
      if (await form.isVisible()) {
        await submitLogin(page, ADMIN);
        await live(page).first().waitFor();
        session = await page.context().cookies();
      }
      return page;
    };
    return { url, open, openSignedIn };
  };
}
