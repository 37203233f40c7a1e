import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestAgent } from '../harness/test-agent.ts';
import { ADMIN, TestServer } from '../harness/test-server.ts';
import { until } from '../harness/until.ts';
import { hasChromium } from './browser.ts';
import { copiedBy } from './person.ts';
import { usePages } from './use-pages.ts';

/** More than any page here has places to go to. */
const MOST_TABS = 80;

describe.skipIf(!hasChromium())('By keyboard alone', () => {
  let server: TestServer;
  let agent: TestAgent | undefined;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(async () => {
    await agent?.destroy();
    await server?.destroy();
  });
  const pages = usePages(() => server);

  test('a phone is paired and rotated, a connection made, and both are deleted', {
    timeout: 120_000,
  }, async () => {
    const page = await pages().open('/');
    await signInByKeys(page);
    await goTo(page, 'd', 'Devices');
    agent = await pairByKeys(page, server);
    await createByKeys(page);
    await rotateByKey(page);
    await deleteConnectionByKeys(page);
    await deletePhoneByKeys(page);
  });

  test('lists, searches and the palette are opened, used and left', async () => {
    const page = await pages().open('/');
    await signInByKeys(page);
    const here = page.getByRole('link', { name: 'Connections', exact: true }).first();
    await tabTo(page, here);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await focused(page, here);
    await page.keyboard.press('Control+k');
    await focused(page, page.getByRole('combobox', { name: 'Search and actions' }));
    await page.keyboard.press('Escape');
    await focused(page, here);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('audit');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await goTo(page, 't', 'Team');
    await page.keyboard.press('/');
    await focused(page, page.getByRole('searchbox'));
    await page.keyboard.type('nobody');
    await page.getByText(/^No .+ match$/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: ADMIN.email }).or(page.getByText(ADMIN.email)).first().waitFor();
  });
});

async function signInByKeys(page: Page): Promise<void> {
  await focused(page, page.getByLabel('E-mail'));
  await page.keyboard.type(ADMIN.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: 'Live' }).first().waitFor();
}

async function goTo(page: Page, key: string, title: string): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press(key);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

async function pairByKeys(page: Page, server: TestServer): Promise<TestAgent> {
  const button = page.getByRole('main').getByRole('button', { name: 'Pair a phone' }).first();
  await press(page, button);
  const dialog = page.getByRole('dialog', { name: 'Pair a phone' });
  await page.keyboard.press('Escape');
  await focused(page, button);
  await page.keyboard.press('n');
  const copy = dialog.getByRole('button', { name: 'Copy pairing URL' });
  const url = await copiedBy(page, () => press(page, copy));
  const agent = await TestAgent.pair(server, url);
  agent.launch();
  await dialog.getByText('Online').waitFor();
  await focused(page, dialog.getByLabel('Name'));
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Moto G #11');
  await press(page, dialog.getByRole('button', { name: 'Create its first connection' }));
  return agent;
}

async function createByKeys(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Create a connection' });
  await focused(page, dialog.getByLabel('Name', { exact: true }));
  await page.keyboard.type('acme-2');
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: '“acme-2” is ready on port' });
  await press(page, sheet.getByRole('button', { name: 'Copy curl', exact: true }));
  await press(page, sheet.getByRole('button', { name: 'Done' }));
  await sheet.waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1, name: 'Moto G #11' }).waitFor();
  // Somewhere in the page, so that the next Tab goes on from there.
  await page.locator('#main:focus, #main :focus').waitFor();
}

async function rotateByKey(page: Page): Promise<void> {
  await page.keyboard.press('r');
  await page
    .getByRole('region', { name: 'Rotation', exact: true })
    .getByText(/^Rotated:/)
    .waitFor();
}

async function deleteConnectionByKeys(page: Page): Promise<void> {
  await goTo(page, 'c', 'Connections');
  const more = page.getByRole('button', { name: 'More for acme-2' });
  await press(page, more);
  const item = page.getByRole('menuitem', { name: 'Delete…' });
  await chooseLast(page, item);
  const dialog = page.getByRole('dialog', { name: 'Delete connection “acme-2”?' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await focused(page, more);
  await page.keyboard.press('Enter');
  await chooseLast(page, item);
  await press(page, dialog.getByRole('button', { name: 'Delete connection' }));
  await page.getByText('No connections yet').waitFor();
  await page.locator('#main:focus, #main :focus').waitFor();
}

async function deletePhoneByKeys(page: Page): Promise<void> {
  await goTo(page, 'd', 'Devices');
  const link = page.getByRole('table', { name: 'devices' }).getByRole('link', { name: 'Moto G #11' });
  await press(page, link);
  await page.getByRole('heading', { level: 1, name: 'Moto G #11' }).waitFor();
  await press(page, page.getByRole('button', { name: 'More actions' }));
  const item = page.getByRole('menuitem', { name: 'Delete device' });
  await chooseLast(page, item);
  const dialog = page.getByRole('dialog', { name: 'Delete device “Moto G #11”?' });
  await press(page, dialog.getByRole('button', { name: 'Delete device' }));
  await page.getByText('No phones yet').waitFor();
}

/** Goes to a button or link and presses it. */
async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

/** Chooses the last item of a menu that has just been opened, as soon as the menu has the focus. */
async function chooseLast(page: Page, item: Locator): Promise<void> {
  await item.waitFor();
  await until('the last item to have the focus', async () => {
    await page.keyboard.press('End');
    return (await item.and(page.locator(':focus')).count()) > 0;
  });
  await page.keyboard.press('Enter');
}

/** Presses Tab until `target` has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const reached = target.and(page.locator(':focus'));
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    if ((await reached.count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  expect.fail(`Tab never reaches ${target}`);
}

async function focused(page: Page, target: Locator): Promise<void> {
  await target.and(page.locator(':focus')).waitFor();
}
