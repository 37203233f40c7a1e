import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticatorCode } from './authenticator.ts';
import { hasChromium } from './browser.ts';
import { copyOf } from './person.ts';
import { signIn, submitLogin } from './sign-in.ts';
import { useDashboard } from './use-dashboard.ts';
import { violations } from './violations.ts';

const PASSWORD = 'seven brown foxes at night';

/** The dialog or sheet with this name. */
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });
const row = (page: Page, name: string | RegExp) => page.getByRole('row').filter({ hasText: name });

describe.skipIf(!hasChromium())('Administration', () => {
  // The receiver of webhooks is on this host.
  const dashboard = useDashboard({ server: { env: { POCKETPROXY_WEBHOOK_ALLOW_PRIVATE: 'on' } } });
  const received: string[] = [];
  const receiver = createServer((request, response) => {
    received.push(String(request.headers['webhook-signature']));
    request.resume().on('end', () => response.writeHead(request.url === '/works' ? 204 : 500).end());
  });
  let hooks: string;
  beforeAll(async () => {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    hooks = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  });
  afterAll(() => receiver.close());

  /** Somebody new, signed in on a page of their own. */
  async function openAs(role: 'admin' | 'operator', email: string, path: string): Promise<Page> {
    const { world, open } = dashboard();
    await world.server.api.call('POST', '/users', { email, name: email, role, password: PASSWORD });
    const page = await open('/sign-in');
    await signIn(page, { email, password: PASSWORD }, path);
    return page;
  }

  test('the overview says how everything stands, and what needs attention', async () => {
    const { openSignedIn } = dashboard();
    const page = await openSignedIn('/');
    await page.getByText('1 online').waitFor();
    await page.getByText('First steps: 2 of 3 done').waitFor();
    await page.getByText('0 Mbit/s').waitFor();
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByText('curl -x').waitFor();
  });

  test('a channel is made, tried with both outcomes, switched off and deleted', async () => {
    const page = await dashboard().openSignedIn('/notifications');
    await page.getByText('Nobody is told of anything yet').waitFor();
    await page.keyboard.press('n');
    const form = dialog(page, 'New channel');
    await form.getByRole('button', { name: 'Create channel' }).click();
    await form.locator('[aria-invalid=true]').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await form.getByLabel('Name').fill('Operations');
    await form.getByLabel('URL').fill(`${hooks}/broken`);
    await form.getByRole('button', { name: 'Create channel' }).click();
    const secret = dialog(page, 'Secret of Operations');
    expect(await copyOf(secret, 'Secret')).toMatch(/^whsec_/);
    await secret.getByRole('button', { name: 'Done' }).click();

    const sheet = dialog(page, 'Operations');
    await sheet.getByRole('button', { name: 'Send a test' }).click();
    await sheet.getByText('Not delivered after').waitFor();
    await sheet.getByRole('button', { name: 'Change' }).click();
    const edit = dialog(page, 'Change “Operations”');
    await edit.getByLabel('URL').fill(`${hooks}/works`);
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.waitFor({ state: 'detached' });
    await sheet.getByRole('button', { name: 'Send a test' }).click();
    await sheet.getByText('Delivered in').waitFor();
    await sheet.getByRole('listitem').filter({ hasText: 'Delivered' }).getByText('Test message').waitFor();
    expect(received.at(-1)).toMatch(/^v1,/);
    expect(await violations(page)).toEqual([]);

    await sheet.getByRole('button', { name: 'Delete' }).click();
    await dialog(page, 'Delete channel “Operations”?')
      .getByRole('button', { name: 'Delete channel' })
      .click();
    await page.getByText('Nobody is told of anything yet').waitFor();
  });

  test('somebody is invited, joins by the link, and is disabled', async () => {
    const { open, openSignedIn } = dashboard();
    const page = await openSignedIn('/team');
    await page.waitForURL('**/team/people');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const form = dialog(page, 'Invite somebody');
    await form.getByLabel('E-mail').fill('ops@lab.example');
    await form.getByRole('button', { name: 'Invite', exact: true }).click();
    const sheet = dialog(page, 'Invitation of ops@lab.example');
    const link = await copyOf(sheet, 'Link');
    expect(await violations(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'Invitations' }).click();
    await row(page, 'ops@lab.example').getByText('Waiting').waitFor();

    const guest = await open(link);
    await guest.getByLabel('Your name').fill('Night shift');
    await guest.getByLabel('Password').fill(PASSWORD);
    await guest.getByRole('button', { name: 'Create account' }).click();
    await guest.getByRole('link', { name: 'Go to sign in' }).click();
    await submitLogin(guest, { email: 'ops@lab.example', password: PASSWORD });
    await guest.getByRole('heading', { name: 'Overview' }).waitFor();

    await page.goto('/team/people');
    await row(page, 'Night shift').getByText('Operator').waitFor();
    await row(page, 'Night shift').getByRole('button', { name: 'Actions for Night shift' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await dialog(page, 'Disable account of “Night shift”?').getByRole('button', { name: 'Disable' }).click();
    await row(page, 'Night shift').getByText('Disabled').waitFor();
    await guest.goto('/devices');
    await guest.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('a customer is made, named anew and deleted', async () => {
    const page = await dashboard().openSignedIn('/team/customers');
    await page.getByRole('button', { name: 'New customer' }).click();
    await dialog(page, 'New customer').getByLabel('Name').fill('Acme');
    await page.keyboard.press('Enter');
    await row(page, 'Acme').getByRole('button', { name: 'Rename Acme' }).click();
    await dialog(page, 'Rename “Acme”').getByLabel('Name').fill('Acme Ltd');
    await page.keyboard.press('Enter');
    await row(page, 'Acme Ltd').getByRole('button', { name: 'Delete Acme Ltd' }).click();
    await page.getByRole('button', { name: 'Delete customer' }).click();
    await row(page, 'Acme Ltd').waitFor({ state: 'detached' });
  });

  test('an API key is shown once, may what its scopes say, and is revoked', async () => {
    const { openSignedIn, url } = dashboard();
    const page = await openSignedIn('/team/api-keys');
    await page.getByText('No API keys yet').waitFor();
    await page.getByRole('button', { name: 'New API key' }).first().click();
    const form = dialog(page, 'New API key');
    await form.getByLabel('Name').fill('Billing');
    await form.getByRole('button', { name: 'Nothing' }).click();
    await form.getByText('At least 1').waitFor();
    await form.getByLabel('devices:read').click();
    await form.getByRole('button', { name: 'Create key' }).click();
    const sheet = dialog(page, 'API key Billing');
    const key = await copyOf(sheet, 'Key');
    await sheet.getByRole('button', { name: 'Done' }).click();
    const status = async (path: string): Promise<number> =>
      (await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect([await status('/devices'), await status('/connections')]).toEqual([200, 403]);
    await row(page, 'Billing').getByText('devices:read').waitFor();
    expect(await violations(page)).toEqual([]);
    await row(page, 'Billing').getByRole('button', { name: 'Revoke Billing' }).click();
    await dialog(page, 'Revoke API key “Billing”?').getByRole('button', { name: 'Revoke API key' }).click();
    await page.getByText('No API keys yet').waitFor();
    expect(await status('/devices')).toBe(401);
  });

  test('a second factor is turned on with its codes, asked for, and turned off', async () => {
    const email = 'careful@lab.example';
    const page = await openAs('admin', email, '/settings/account');
    await page.getByRole('button', { name: 'Turn on' }).click();
    const setUp = dialog(page, 'Turn on the second factor');
    await setUp.getByLabel('Your password').fill('not my password');
    await page.keyboard.press('Enter');
    await setUp.getByText('This is not your password').waitFor();
    await setUp.getByLabel('Your password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await setUp.getByRole('img', { name: 'QR code for an authenticator app' }).waitFor();
    expect(await violations(page)).toEqual([]);
    const secret = await copyOf(setUp, 'secret');
    await setUp.getByLabel('Code', { exact: true }).fill(authenticatorCode(secret, Date.now()));
    await setUp.getByRole('button', { name: 'Turn on' }).click();
    const codes = dialog(page, 'Backup codes');
    const backupCode = (await codes.getByRole('listitem').first().textContent()) ?? '';
    await codes.getByRole('button', { name: 'Copy all' }).click();
    await codes.getByRole('button', { name: 'Copied' }).waitFor();
    await codes.getByRole('button', { name: 'Done' }).click();
    await page.getByText('The second factor is on').waitFor();

    const other = await dashboard().open('/sign-in');
    await submitLogin(other, { email, password: PASSWORD });
    await other.getByLabel('Code').fill(backupCode);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('heading', { name: 'Overview' }).waitFor();

    await page.getByRole('button', { name: 'Turn off' }).click();
    const off = dialog(page, 'Turn off the second factor');
    await off.getByLabel('Your password').fill(PASSWORD);
    await off.getByRole('button', { name: 'Turn off' }).click();
    await page.getByText('The second factor is off').waitFor();
    await other.getByText('Your session has ended').waitFor();
  });

  test('a new password ends the other sessions, and units are chosen for this browser', async () => {
    const page = await openAs('operator', 'new-password@lab.example', '/settings/account');
    await page.getByRole('button', { name: 'Change password' }).click();
    const form = dialog(page, 'Change password');
    await form.getByLabel('Password of now').fill(PASSWORD);
    await form.getByLabel('New password').fill('12345678901');
    await form.getByRole('button', { name: 'Change password' }).click();
    await form.locator('[aria-invalid=true]').first().waitFor();
    await form.getByLabel('New password').fill('eight green owls at noon');
    await form.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Every other session has ended.').waitFor();
    await page.getByRole('link', { name: 'Preferences' }).click();
    await page.getByLabel('Units of bytes').click();
    await page.getByRole('option', { name: /kB/ }).click();
    await page.getByText('Ten million bytes are 10.0 MB').waitFor();
  });

  test('the server says what it is and why OpenVPN is off', async () => {
    const page = await dashboard().openSignedIn('/settings/server');
    await page.getByText(/PocketProxy \d/).waitFor();
    await page.getByText('by POCKETPROXY_VPN_LISTEN=off').waitFor();
    expect(await copyOf(page, 'backup command')).toBe('npx pocketproxy backup');
  });

  test('the audit log tells before and after, and is narrowed down', async () => {
    const { world, openSignedIn } = dashboard();
    await world.server.api.changeDevice(world.agent.deviceId, { name: 'Renamed' });
    const page = await openSignedIn('/audit-log');
    await row(page, 'Device: update').getByText('name: Phone 1 → Renamed').waitFor();
    await page.getByRole('link', { name: 'Device: update' }).first().click();
    const sheet = dialog(page, 'Device: update');
    await sheet.getByRole('row', { name: 'name Phone 1 Renamed' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Everything of this device' }).click();
    await page.waitForURL(/targetId=/);
    await row(page, 'Connection: create').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Of one thing' }).click();
    await page.getByLabel('Kind of thing').click();
    await page.getByRole('option', { name: 'Connection' }).click();
    await row(page, 'Connection: create').first().waitFor();
    await world.server.api.changeDevice(world.agent.deviceId, { name: 'Phone 1' });
  });

  test('what programs do is shown with a phone that is there, and events go by', async () => {
    const { world, openSignedIn } = dashboard();
    const page = await openSignedIn('/api');
    expect(await copyOf(page, 'Rotate one, and wait for the new address')).toContain(world.agent.deviceId);
    await world.server.api.changeDevice(world.agent.deviceId, { description: 'seen live' });
    await page
      .getByRole('button', { name: /device[.]status/ })
      .first()
      .click();
    await page.getByText('"description": "seen live"').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('an operator is told what is not for them', async () => {
    const page = await openAs('operator', 'operator@lab.example', '/team');
    await page.waitForURL('**/team/api-keys');
    expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0);
    await page.goto('/team/people');
    await page.getByText('Not for this account').waitFor();
  });

  test('the palette makes things from anywhere', async () => {
    const page = await dashboard().openSignedIn('/devices');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find a device').fill('invite');
    await page.getByRole('option', { name: 'Invite somebody' }).waitFor();
    await page.keyboard.press('Enter');
    await dialog(page, 'Invite somebody').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page, 'Invite somebody').waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('');
  });
});
