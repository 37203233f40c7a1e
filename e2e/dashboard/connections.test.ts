import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { getThrough, openTunnel } from '../clients/tunnelled.ts';
import type { NewConnection } from '../harness/api-client.ts';
import { callHttp } from '../harness/http-call.ts';
import { hasChromium } from './browser.ts';
import { copyOf } from './person.ts';
import { submitLogin } from './sign-in.ts';
import { useDashboard } from './use-dashboard.ts';
import { violations } from './violations.ts';

/** Reads a line of the sheet that shows credentials. */
async function lineOf(page: Page, label: string): Promise<string> {
  const sheet = page.getByRole('dialog');
  return (
    (await sheet
      .locator('dt', { hasText: label })
      .locator('xpath=following-sibling::dd/span')
      .textContent()) ?? ''
  );
}

/** What clients need, as `host:port:user:pass` says it. */
async function readCredentials(page: Page): Promise<Pick<NewConnection, 'port' | 'username' | 'password'>> {
  const [, port, username, password] = (await lineOf(page, 'host:port:user:pass')).split(':');
  return { port: Number(port), username: username ?? '', password: password ?? '' };
}

const dashboard = useDashboard();

/** Another connection, and its page. */
async function openConnection(name: string, fields: object = {}) {
  const connection = await dashboard().world.connect(name, fields);
  const page = await dashboard().openSignedIn(`/connections/${connection.id}`);
  await page.getByRole('heading', { level: 1, name }).waitFor();
  return { connection, page };
}

const origin = () => ({ host: '127.0.0.1', port: dashboard().world.origin.port });

describe.skipIf(!hasChromium())('A connection', () => {
  test('is made in a dialog, works with what the sheet says, and tells its use live', async () => {
    const { world, openSignedIn } = dashboard();
    const page = await openSignedIn('/connections');
    await page.getByRole('link', { name: 'First' }).waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'Create a connection' });
    await dialog.getByLabel('Name', { exact: true }).fill('Acme');
    await dialog.getByLabel('User name').fill('no spaces please');
    await dialog.getByLabel('Flows at a time').fill('7');
    await dialog.getByText('Expected 3 to 64 letters').waitFor();
    await dialog.getByLabel('User name').fill('');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');

    const sheet = page.getByRole('dialog', { name: /^“Acme” is ready on port / });
    await sheet.waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await copyOf(sheet, 'curl')).toBe(await lineOf(page, 'curl'));
    const credentials = await readCredentials(page);
    expect(new URL(page.url()).search).toBe('');
    await sheet.getByRole('button', { name: 'Done' }).click();

    const row = page.getByRole('row', { name: /Acme/ });
    await row.getByText('0 / 7').waitFor();
    const tunnel = await openTunnel(credentials as NewConnection, origin());
    await row.getByText('1 / 7').waitFor();
    tunnel.close();
    await row.getByText('0 / 7').waitFor();
    const { status } = await getThrough(credentials as NewConnection, origin(), '/bytes/3000000');
    expect(status).toBe(200);
    await row.getByText('2.86 MiB').waitFor();
    expect(world.connection.port).not.toBe(credentials.port);
  }, 60_000);

  test('is found by status and phone, and the filter is in the address', async () => {
    const { world, openSignedIn } = dashboard();
    await world.connect('Switched off', { enabled: false });
    const page = await openSignedIn('/connections?status=disabled');
    await page.getByRole('link', { name: 'Switched off' }).waitFor();
    expect(await page.getByRole('link', { name: 'First' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Filter by Status' }).click();
    await page.getByRole('menuitem', { name: 'Clear' }).click();
    await page.getByRole('link', { name: 'First' }).waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('whose quota is spent says so at once, and lets clients in again when it is raised', async () => {
    const { connection, page } = await openConnection('Small', { quotaBytes: 1024 ** 2 });
    await page.getByRole('progressbar', { name: '0 % of the quota is used' }).waitFor();
    await getThrough(connection, origin(), '/bytes/3000000').catch(() => null);
    await page.getByText('The quota is spent: clients are refused').waitFor();
    await page.getByText('Quota spent').waitFor();
    await page.getByRole('textbox', { name: 'Quota' }).fill('50');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Small: limits changed').waitFor();
    await page.getByText('Active', { exact: true }).waitFor();
    expect((await getThrough(connection, origin(), '/')).status).toBe(200);

    await page.getByRole('button', { name: 'More for Small' }).click();
    await page.getByRole('menuitem', { name: 'Reset usage…' }).click();
    await page.getByRole('dialog', { name: 'Reset usage of “Small”?' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Reset usage' }).click();
    await page.getByText(/^Usage of Small reset: .+ → 0/).waitFor();
  }, 60_000);

  test('says which entry of an allowlist is none, and lets addresses in that are', async () => {
    const { connection, page } = await openConnection('Open');
    const field = page.getByLabel('Addresses without a password');
    await field.fill('127.0.0.1/8\nnonsense');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Expected an IP address or a network such as 198.51.100.0/24').waitFor();
    await field.fill('127.0.0.1/8');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Open: allowlist changed').waitFor();
    expect(await field.inputValue()).toBe('127.0.0.0/8');
    const { status } = await getThrough({ ...connection, password: 'not the right one' }, origin());
    expect(status).toBe(200);
  });

  test('is not overwritten by who has read an older version', async () => {
    const { connection, page } = await openConnection('Shared');
    await page.getByLabel('Flows at a time').fill('20');
    const url = `**/api/v1/connections/${connection.id}`;
    await page.route(url, async (route) => {
      if (route.request().method() === 'PATCH') {
        await dashboard().world.server.api.changeConnection(connection.id, { speedLimitMbps: 5 });
      }
      await route.fallback();
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has just changed Shared').waitFor();
    await page.getByText('5 Mbit/s').waitFor();
    await page.unroute(url);
    const { items } = await dashboard().world.server.api.call<{
      items: { name: string; maxFlows: number | null }[];
    }>('GET', '/connections');
    expect(items.find(({ name }) => name === 'Shared')?.maxFlows).toBeNull();
  });

  test('gets a new password, is switched off and on, and is deleted by name', async () => {
    const { connection, page } = await openConnection('Passing');
    await page.getByRole('button', { name: 'More for Passing' }).click();
    await page.getByRole('menuitem', { name: 'New password…' }).click();
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByRole('dialog', { name: 'New password of “Passing”' }).waitFor();
    const changed = { ...connection, ...(await readCredentials(page)) };
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(getThrough(connection, origin())).rejects.toThrow();
    expect((await getThrough(changed, origin())).status).toBe(200);

    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Disabled: clients are refused').waitFor();
    await expect(getThrough(changed, origin())).rejects.toThrow();
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByText('Passing is enabled').waitFor();
    expect((await getThrough(changed, origin())).status).toBe(200);

    await page.getByRole('button', { name: 'More for Passing' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByText(`Access of whoever uses port ${connection.port}`).waitFor();
    await page.getByRole('button', { name: 'Delete connection' }).click();
    await page.getByText('Connection Passing deleted').waitFor();
    await page.waitForURL('**/connections');
    await page.getByRole('link', { name: 'First' }).waitFor();
    expect(await page.getByRole('link', { name: 'Passing' }).count()).toBe(0);
  }, 60_000);

  test('is seen by the customer that it was given to, who can change nothing', async () => {
    const { world, open } = dashboard();
    const login = { email: 'buyer@acme.example', password: 'a long enough password of a customer' };
    const { organizationId } = await world.server.api.call<{ organizationId: string }>('POST', '/users', {
      ...{ ...login, name: 'Buyer', role: 'customer' },
    });
    const { id } = await world.connect('Sold', { organizationId });
    const page = await open('/connections');
    await submitLogin(page, login);
    await page.getByRole('link', { name: 'Sold' }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    expect(await page.getByRole('button', { name: 'Create connection' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Sold' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sold' }).waitFor();
    await page.getByRole('heading', { name: 'Endpoints' }).waitFor();
    for (const name of ['Disable', 'More for Sold', 'Create link']) {
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    }
    expect(new URL(page.url()).pathname).toBe(`/connections/${id}`);
    await page.goto('/links');
    await page.getByText('Not for this account').waitFor();
  });

  test('that is gone is said to be, and one that cannot be read can be tried again', async () => {
    const page = await dashboard().openSignedIn('/connections/01a20c58-5627-7089-9094-4f18eba553e9');
    await page.getByText('It was deleted, or it belongs to somebody else.').waitFor();
    await page.route('**/api/v1/connections?*', (route) => route.abort());
    await page.goto('/connections');
    await page.getByText('The connections could not be read').waitFor();
    await page.unroute('**/api/v1/connections?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'First' }).waitFor();
  }, 60_000);
});

describe.skipIf(!hasChromium())('A rotation link', () => {
  test('is shown once, tells when it is used, and ends when it is revoked', async () => {
    const { world, openSignedIn } = dashboard();
    const page = await openSignedIn('/links');
    await page.getByText('No rotation links yet').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create a link' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create a rotation link' });
    await dialog.getByRole('combobox', { name: 'Phone' }).click();
    await page.getByPlaceholder('Search').fill('phone 1');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Name').fill('Acme');
    await dialog.getByLabel('Minimum interval').fill('2');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');

    const sheet = page.getByRole('dialog', { name: 'Rotation link “Acme”' });
    await sheet.getByText('The link is shown this once').waitFor();
    const url = new URL(await lineOf(page, 'Link'));
    await sheet.getByRole('button', { name: 'Done' }).click();
    const row = page.getByRole('row', { name: /Acme/ });
    await row.getByText('2 min').waitFor();
    expect(await row.textContent()).not.toContain(url.pathname.slice(-8));

    const use = (path = url.pathname) =>
      callHttp({ host: '127.0.0.1', port: world.server.ports.http }, { method: 'POST', path });
    expect((await use(`${url.pathname}?waitSeconds=60`)).status).toBe(200);
    await row.getByText(/just now|s ago/).waitFor();

    await row.hover();
    await row.getByRole('button', { name: 'Revoke Acme' }).click();
    await page.getByRole('dialog', { name: 'Revoke link “Acme”?' }).waitFor();
    await page.getByRole('button', { name: 'Revoke link' }).click();
    await page.getByText('Rotation link Acme revoked').waitFor();
    await page.getByText('No rotation links yet').waitFor();
    expect((await use()).status).toBe(404);
  }, 60_000);
});
