import type { Locator, Page } from 'playwright-core';
import { runCommand, tryCommand } from '../harness/run-command.ts';

/** Settings of whoever runs the tests must not lead curl around the proxy. */
const ENV = { no_proxy: undefined, NO_PROXY: undefined };

/** Presses the button that copies `what`, sees it confirmed, and answers what is in the clipboard. */
export async function copyOf(place: Page | Locator, what: string): Promise<string> {
  await place.getByRole('button', { name: `Copy ${what}`, exact: true }).click();
  await place.getByRole('button', { name: `${what} copied`, exact: true }).waitFor();
  const page = 'page' in place ? place.page() : place;
  return await page.evaluate<string>('navigator.clipboard.readText()');
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
