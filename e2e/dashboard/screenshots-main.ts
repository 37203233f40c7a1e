import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { ADMIN, TestServer } from '../harness/test-server.ts';
import { launchBrowser, openContext, WIDTHS, watchErrors } from './browser.ts';
import { layoutProblems } from './layout.ts';
import { dialogsOf, openPage, type PageOfDashboard, plainPagesOf } from './pages.ts';
import { seedShowcase } from './showcase/seed-showcase.ts';
import { signIn } from './sign-in.ts';

// Shoots every page of a server in use into docs/screenshots: all of them in dark at 1440 px, the main ones in light
// and at the other widths, too. Arguments: parts of names of pages; all of them without.

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');

// As customers see it; everything here is reached over loopback nevertheless.
const server = await TestServer.start({ env: { POCKETPROXY_PUBLIC_HOST: 'px.example.net' } });
const browser = await launchBrowser();
try {
  const showcase = await seedShowcase(server);
  const wanted = process.argv.slice(2);
  const pages = [...plainPagesOf(showcase), ...dialogsOf(showcase)].filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  const main = pages.filter((page) => page.main);
  await mkdir(FOLDER, { recursive: true });
  await shoot('dark', WIDTHS.desktop, pages);
  await shoot('light', WIDTHS.desktop, main);
  await shoot('dark', WIDTHS.laptop, main);
  await shoot('dark', WIDTHS.tablet, main);

  async function shoot(
    theme: 'dark' | 'light',
    width: number,
    chosen: readonly PageOfDashboard[],
  ): Promise<void> {
    await showcase.refresh();
    const url = `http://127.0.0.1:${server.ports.http}`;
    const context = await openContext(browser, url, { theme, width });
    const page = await context.newPage();
    const errors = watchErrors(page);
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').waitFor();
    await save(page, `sign-in-${width}-${theme}`);
    await signIn(page, ADMIN);
    for (const one of chosen) {
      await openPage(page, one);
      await save(page, `${one.name}-${width}-${theme}`);
      errors.push(...(await layoutProblems(page)).map((problem) => `${one.name}: ${problem}`));
    }
    for (const error of errors) console.error(`${theme} ${width}: ${error}`);
    if (errors.length > 0) process.exitCode = 1;
    await context.close();
  }
} finally {
  await browser.close();
  await server.destroy();
}

/** With 256 colours, which is a third of the size and looks the same. */
async function save(page: Page, name: string): Promise<void> {
  await sharp(await page.screenshot())
    .png({ palette: true, effort: 10, dither: 0 })
    .toFile(join(FOLDER, `${name}.png`));
}
