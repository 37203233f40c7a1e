import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestServer } from '../harness/test-server.ts';
import { hasChromium, setTheme, WIDTHS } from './browser.ts';
import { layoutProblems } from './layout.ts';
import { dialogsOf, openPage, type PageOfDashboard, plainPagesOf, type Things } from './pages.ts';
import { seedShowcase } from './showcase/seed-showcase.ts';
import { usePages } from './use-pages.ts';
import { violations } from './violations.ts';

describe.skipIf(!hasChromium())('Everybody can use', () => {
  let server: TestServer;
  let things: Things;
  beforeAll(async () => {
    server = await TestServer.start();
    things = await seedShowcase(server);
  });
  afterAll(async () => {
    await server?.destroy();
  });
  const pages = usePages(() => server);

  test('every page of a server in use, in dark and light, at every width', { timeout: 180_000 }, async () => {
    const page = await pages().openSignedIn('/');
    expect(await problemsOf(page, plainPagesOf(things))).toEqual([]);
  });

  test('every dialog, in dark and light, at every width', { timeout: 180_000 }, async () => {
    const page = await pages().openSignedIn('/');
    expect(await problemsOf(page, dialogsOf(things))).toEqual([]);
  });

  test('signing in that was refused, and the menu of columns', async () => {
    const door = await pages().open('/sign-in');
    await door.getByRole('button', { name: 'Sign in' }).click();
    await door.locator('[aria-invalid=true]').first().waitFor();
    expect(await problemsIn(door)).toEqual([]);
    const page = await pages().openSignedIn('/devices');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('menuitemcheckbox').first().waitFor();
    expect(await problemsIn(page)).toEqual([]);
  });
});

async function problemsOf(page: Page, pages: readonly PageOfDashboard[]): Promise<string[]> {
  const problems: string[] = [];
  for (const one of pages) {
    await openPage(page, one);
    problems.push(...(await problemsIn(page)).map((problem) => `${one.name}, ${problem}`));
  }
  return problems;
}

/** What is wrong with what is shown now; the theme and the width are dark and 1440 px before and after. */
async function problemsIn(page: Page): Promise<string[]> {
  const problems = (await violations(page)).map((problem) => `dark: ${problem}`);
  await setTheme(page, 'light');
  problems.push(...(await violations(page, ['color-contrast'])).map((problem) => `light: ${problem}`));
  await setTheme(page, 'dark');
  const size = page.viewportSize() ?? { width: WIDTHS.desktop, height: 900 };
  for (const width of Object.values(WIDTHS)) {
    await page.setViewportSize({ ...size, width });
    problems.push(...(await layoutProblems(page)).map((problem) => `${width} px: ${problem}`));
  }
  await page.setViewportSize(size);
  return problems;
}
