import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServerDatabase } from '../harness/server-database.ts';
import { TestAgent } from '../harness/test-agent.ts';
import { ADMIN, TestServer } from '../harness/test-server.ts';
import { until } from '../harness/until.ts';
import { WebOrigin } from '../origins/web-origin.ts';
import { hasChromium, launchBrowser, openContext, WIDTHS, watchErrors } from './browser.ts';
import { copyOf, goTo, pasteIntoShell, statusBesideTitle, statusThrough } from './person.ts';
import { submitLogin } from './sign-in.ts';

const PHONE = 'Pixel 7 #04';
const CUSTOMER = 'acme-1';
/** After so long without a word a phone counts as offline. */
const SILENT_MS = 120_000;

/** Each size and theme, and where the sidebar is a sheet. */
const WALKS = [
  { width: WIDTHS.desktop, theme: 'dark' },
  { width: WIDTHS.laptop, theme: 'light' },
  { width: WIDTHS.tablet, theme: 'dark' },
] as const;

// Side by side: what they do most is to wait. Each has a browser of its own, because one has one clipboard.
describe.skipIf(!hasChromium()).concurrent('An operator', () => {
  let origin: WebOrigin;
  beforeAll(async () => {
    origin = await WebOrigin.start();
  });
  afterAll(async () => {
    await origin?.close();
  });

  test.each(WALKS)(
    'goes the whole way from the first sign-in to the last deletion at $width px, $theme',
    {
      timeout: 180_000,
    },
    async (options) => {
      await using server = await startServer();
      await using browser = await openBrowser();
      const context = await openContext(browser.browser, server.url, options);
      const page = await context.newPage();
      const errors = watchErrors(page);
      await page.goto('/');
      await walk(page, server.server, origin);
      expect(errors).toEqual([]);
    },
  );
});

async function startServer() {
  const server = await TestServer.start();
  const url = `http://127.0.0.1:${server.ports.http}`;
  return { server, url, [Symbol.asyncDispose]: () => server.destroy() };
}

async function openBrowser() {
  const browser = await launchBrowser();
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
}

/** Everything that an operator does with a phone and a connection, from nothing to nothing. */
async function walk(page: Page, server: TestServer, origin: WebOrigin): Promise<void> {
  await submitLogin(page, ADMIN);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const agent = await pairFromFirstSteps(page, server);
  try {
    const curl = await createFirstConnection(page);
    await expectExit(page, curl);
    await letReachOrigin(page);
    await finishFirstSteps(page, curl, origin);
    await rotate(page, curl);
    await spendQuota(page, curl, origin);
    await loseAndRegain(page, server, agent, curl);
    await deleteConnection(page, curl);
    await deletePhone(page);
    await until('the agent to learn that it is not paired any more', () => agent.child.exited);
  } finally {
    await agent.destroy();
  }
}

/** Pairs the phone with what the dialog says, and names it. */
async function pairFromFirstSteps(page: Page, server: TestServer): Promise<TestAgent> {
  const steps = page.getByRole('region', { name: 'First steps' });
  await steps.getByText('First steps: 0 of 3 done').waitFor();
  await steps.getByRole('button', { name: 'Pair a phone' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pair a phone' });
  await dialog.getByRole('img', { name: 'QR code with the pairing URL' }).waitFor();
  const command = await copyOf(dialog, 'pairing command');
  const url = /^node pocketproxy-agent.mjs pair '([^']+)'$/.exec(command)?.[1] ?? '';
  expect(await copyOf(dialog, 'pairing URL')).toBe(url);
  expect(await dialog.getByRole('timer').textContent()).toMatch(/^\d+:\d\d$/);

  const agent = await TestAgent.pair(server, url);
  await dialog.getByText('is paired').waitFor();
  await dialog.getByText('It is not connected yet').waitFor();
  expect(await dialog.getByText('node pocketproxy-agent.mjs run').count()).toBe(1);
  agent.launch();
  await dialog.getByText('Online').waitFor();
  await dialog.getByLabel('Name').fill(PHONE);
  await dialog.getByRole('button', { name: 'Create its first connection' }).click();
  return agent;
}

/** Makes the connection in the dialog that naming has led to; answers the curl line of its credentials. */
async function createFirstConnection(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Create a connection' });
  await dialog.getByLabel('Name', { exact: true }).fill(CUSTOMER);
  await dialog.getByLabel('Quota', { exact: true }).fill('1');
  await dialog.getByRole('combobox', { name: 'Unit' }).click();
  await page.getByRole('option', { name: 'MiB' }).click();
  await dialog.getByRole('button', { name: 'Create connection' }).click();

  const sheet = page.getByRole('dialog', { name: `“${CUSTOMER}” is ready on port` });
  await sheet.getByText('The password is shown this once').waitFor();
  const [host, port, user, password] = (await copyOf(sheet, 'host:port:user:pass')).split(':');
  expect(await copyOf(sheet, 'HTTP')).toBe(`http://${user}:${password}@${host}:${port}`);
  const curl = await copyOf(sheet, 'curl');
  await sheet.getByRole('button', { name: 'Done' }).click();
  await sheet.waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1, name: PHONE }).waitFor();
  await page.getByRole('table', { name: 'connections' }).getByRole('link', { name: CUSTOMER }).waitFor();
  return curl;
}

/** What curl sees is what the page of the phone shows. */
async function expectExit(page: Page, curl: string): Promise<void> {
  const { ip, device, connection } = JSON.parse(await pasteIntoShell(curl)) as Record<string, string>;
  expect({ device, connection }).toEqual({ device: PHONE, connection: CUSTOMER });
  expect(await copyOf(page.getByRole('main'), 'exit address')).toBe(ip);
}

/** The third step is done by itself when something went through the phone. */
async function finishFirstSteps(page: Page, curl: string, origin: WebOrigin): Promise<void> {
  await goTo(page, 'Overview');
  await page.getByText('1 online').waitFor();
  const steps = page.getByRole('region', { name: 'First steps' });
  await steps.getByText('First steps: 2 of 3 done').waitFor();
  const authority = /@(\S+:\d+)'/.exec(curl)?.[1];
  expect(await copyOf(steps, 'curl command')).toContain(`curl -x http://${authority} -U `);
  expect(await statusThrough(curl, origin.url('/bytes/1000'))).toBe(200);
  await steps.waitFor({ state: 'detached' });
}

/** Gets another address, and sees which in the page, in a message and with curl. */
async function rotate(page: Page, curl: string): Promise<void> {
  await openPhone(page);
  const before = await copyOf(page.getByRole('main'), 'exit address');
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  const rotation = page.getByRole('region', { name: 'Rotation', exact: true });
  const outcome = (await rotation.getByText(/^Rotated:/).textContent()) ?? '';
  const [, from, to] = /^Rotated: (\S+) → (\S+) in \S+\ss$/.exec(outcome) ?? [];
  expect(from).toBe(before);
  expect(to).not.toBe(before);
  await page
    .getByRole('region', { name: /Notifications/ })
    .getByText(outcome)
    .waitFor();
  await page
    .getByRole('main')
    .getByText(to ?? '', { exact: true })
    .waitFor();
  await expectExit(page, curl);
}

/** What the test downloads is on this machine, which customers do not reach by default. */
async function letReachOrigin(page: Page): Promise<void> {
  const tabs = page.getByRole('navigation', { name: `Parts of ${PHONE}` });
  await tabs.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Allow private destinations' }).click();
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.getByText(`Destinations of ${PHONE} saved`).waitFor();
}

/** Downloads until nothing more is let through; the open page tells it, and how it begins anew. */
async function spendQuota(page: Page, curl: string, origin: WebOrigin): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.getByRole('link', { name: CUSTOMER }).click();
  await statusBesideTitle(page, 'Active').waitFor();
  const download = () => statusThrough(curl, origin.url('/bytes/300000'));
  expect(await download()).toBe(200);
  await until('a download to be refused', async () => (await download()) >= 400);
  await statusBesideTitle(page, 'Quota spent').waitFor();
  await page.getByText('The quota is spent: clients are refused').waitFor();

  await page.getByRole('button', { name: `More for ${CUSTOMER}` }).click();
  await page.getByRole('menuitem', { name: 'Reset usage…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset usage' }).click();
  await statusBesideTitle(page, 'Active').waitFor();
  expect(await download()).toBe(200);
}

/** The phone dies: the open page tells it. It comes back: the page tells that, too, and clients get through. */
async function loseAndRegain(page: Page, server: TestServer, agent: TestAgent, curl: string): Promise<void> {
  await openPhone(page);
  await statusBesideTitle(page, 'Online').waitFor();
  await agent.end('SIGKILL');
  await statusBesideTitle(page, 'Reconnecting').waitFor();
  const sql = openServerDatabase(server);
  const lastSeenAt = new Date(Date.now() - SILENT_MS);
  await until('the page to say that the phone is offline', async () => {
    // More than once: the relay may be about to write the phone's last report.
    await sql`update devices set last_seen_at = ${lastSeenAt} where id = ${agent.deviceId}`;
    return await statusBesideTitle(page, 'Offline').isVisible();
  });
  await sql.end();
  agent.launch();
  await statusBesideTitle(page, 'Online').waitFor();
  await expectExit(page, curl);
}

async function deleteConnection(page: Page, curl: string): Promise<void> {
  const row = page.getByRole('table', { name: 'connections' }).getByRole('row', { name: CUSTOMER });
  await row.getByRole('link', { name: CUSTOMER }).click();
  await page.getByRole('button', { name: `More for ${CUSTOMER}` }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog', { name: `Delete connection “${CUSTOMER}”?` });
  await dialog.getByText('Access of whoever uses port').waitFor();
  await dialog.getByRole('button', { name: 'Delete connection' }).click();
  await page.getByRole('heading', { name: 'Connections', level: 1 }).waitFor();
  await page.getByText('No connections yet').waitFor();
  await until('nobody to listen any more', async () => (await statusThrough(curl, 'http://a.test/')) === 0);
}

async function deletePhone(page: Page): Promise<void> {
  await openPhone(page);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete device' }).click();
  const dialog = page.getByRole('dialog', { name: `Delete device “${PHONE}”?` });
  await dialog.getByText('This cannot be undone.').waitFor();
  await dialog.getByRole('button', { name: 'Delete device' }).click();
  await page.getByText('No phones yet').waitFor();
}

async function openPhone(page: Page): Promise<void> {
  await goTo(page, 'Devices');
  await page.getByRole('table', { name: 'devices' }).getByRole('link', { name: PHONE }).click();
  await page.getByRole('heading', { level: 1, name: PHONE }).waitFor();
}
