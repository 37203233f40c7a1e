import type { Locator, Page } from 'playwright-core';
import { runCommand, tryCommand } from '../harness/run-command.ts';
import { until } from '../harness/until.ts';

/** Settings of whoever runs the tests must not lead curl around the proxy. */
const ENV = { no_proxy: undefined, NO_PROXY: undefined };

/** Goes to a page by the sidebar, which is a sheet behind a button on narrow screens. */
export async function goTo(page: Page, label: string): Promise<void> {
  const menu = page.getByRole('button', { name: 'Menu', exact: true });
  if (await menu.isVisible()) await menu.click();
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: label, exact: true })
    .click();
}

/** Presses the button that copies `what`, and answers what is in the clipboard then. */
export async function copyOf(place: Page | Locator, what: string): Promise<string> {
  const page = 'page' in place ? place.page() : place;
  const button = place.getByRole('button', { name: `Copy ${what}`, exact: true });
  return await copiedBy(page, () => button.click());
}

/** What `press` puts into the clipboard. The page confirms it too briefly for a busy machine to be sure to see it. */
export async function copiedBy(page: Page, press: () => Promise<void>): Promise<string> {
  await page.evaluate("navigator.clipboard.writeText('')");
  await press();
  return await until('the clipboard to be filled', async () => {
    const text = await page.evaluate<string>('navigator.clipboard.readText()');
    return text !== '' && text;
  });
}

/** Pastes a line into a shell and presses Enter; what it prints. @throws {Error} when it fails */
export async function pasteIntoShell(line: string): Promise<string> {
  return await runCommand(['bash', '-c', line], { env: ENV });
}

/** The status of the answer to a copied curl line that was pointed at `url`; 0 where nothing answered. */
export async function statusThrough(curlLine: string, url: string): Promise<number> {
  const line = curlLine.replace(/\S+$/, `-s -o /dev/null -w '%{http_code}' ${url}`);
  return Number((await tryCommand(['bash', '-c', line], { env: ENV })).stdout);
}

/** The dot's word beside the title of the page, such as `Online`. */
export function statusBesideTitle(page: Page, word: string): Locator {
  return page.getByRole('main').locator('header').getByText(word, { exact: true });
}
