import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, WIDTHS } from './browser.ts';
import { copyOf } from './person.ts';
import { signIn } from './sign-in.ts';
import { useDashboard } from './use-dashboard.ts';
import { violations } from './violations.ts';

const MEMBER = { email: 'member@acme.example', password: 'seven brown foxes at night' };
/** Of everything that belongs to somebody else. */
const FOREIGN = 'Umbrella';
/** What a customer has no business with; each answers by saying so. */
const FORBIDDEN = [
  '/links',
  '/notifications',
  '/team/people',
  '/team/invitations',
  '/team/customers',
  '/audit-log',
  '/settings/server',
] as const;

describe.skipIf(!hasChromium())('A member of a customer', () => {
  const dashboard = useDashboard();
  /** Id of a connection of somebody else, through the same phone. */
  let foreign: string;
  beforeAll(async () => {
    const { world } = dashboard();
    const { api } = world.server;
    const acme = await api.call<{ id: string }>('POST', '/organizations', { name: 'Acme' });
    const body = { ...MEMBER, name: 'Member', role: 'customer', organizationId: acme.id };
    await api.call('POST', '/users', body);
    const other = await api.call<{ id: string }>('POST', '/organizations', { name: FOREIGN });
    const theirs = await world.connect(`${FOREIGN} 1`, { organizationId: other.id });
    await api.changeDevice(world.agent.deviceId, { organizationId: acme.id });
    await api.changeConnection(world.connection.id, { organizationId: acme.id });
    foreign = theirs.id;
  });

  async function open(path: string, width: number = WIDTHS.desktop): Promise<Page> {
    const page = await dashboard().open('/sign-in', { width });
    await signIn(page, MEMBER, path);
    return page;
  }

  test('is offered its own pages alone', async () => {
    const page = await open('/');
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    await links.filter({ hasText: 'Devices' }).waitFor();
    expect(await links.allTextContents()).toEqual([
      ...['Overview', 'Devices', 'Connections', 'Team', 'Settings', 'API'],
    ]);
    await page.getByText('1 online').waitFor();
    expect(await page.getByText('First steps').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
  });

  test('sees its phone and its connection, and can change neither', async () => {
    const { world } = dashboard();
    const page = await open('/devices');
    await page.getByRole('link', { name: 'Phone 1' }).click();
    await page.getByRole('heading', { level: 1, name: 'Phone 1' }).waitFor();
    await page.getByRole('table', { name: 'connections' }).getByRole('link', { name: 'First' }).waitFor();
    for (const name of ['Rotate', 'Find phone', 'More actions', 'New connection', 'Pair anew']) {
      expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
    }
    const tabs = page.getByRole('navigation', { name: 'Parts of Phone 1' }).getByRole('link');
    expect(await tabs.allTextContents()).not.toContain('Commands');

    await page.getByRole('link', { name: 'First' }).click();
    await page.getByRole('heading', { level: 1, name: 'First' }).waitFor();
    const endpoint = `127.0.0.1:${world.connection.port}`;
    expect(await copyOf(page.getByRole('main'), 'endpoint')).toBe(endpoint);
    for (const name of ['Save', 'More for First', 'New password', 'Delete']) {
      expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
    }
    expect(await violations(page)).toEqual([]);
  });

  test('finds nothing of others: not in lists, not by address, not live', async () => {
    const { api } = dashboard().world.server;
    const page = await open('/connections');
    await page.getByRole('link', { name: 'First' }).waitFor();
    await api.changeConnection(foreign, { name: `${FOREIGN} 2` });
    await api.changeConnection(dashboard().world.connection.id, { name: 'Second' });
    await page.getByRole('link', { name: 'Second' }).waitFor();
    expect(await page.getByText(FOREIGN).count()).toBe(0);
    await page.goto(`/connections/${foreign}`);
    await page.getByText('Not found').waitFor();
    await api.changeConnection(dashboard().world.connection.id, { name: 'First' });
  });

  test('makes API keys that may no more than it may, and sees its own alone', async () => {
    const { openSignedIn, url, world } = dashboard();
    const key = { name: `${FOREIGN} key`, scopes: ['devices:read'] };
    await world.server.api.call('POST', '/api-keys', key);
    const page = await open('/team');
    await page.waitForURL('**/team/api-keys');
    await page.getByText('No API keys yet').waitFor();
    await page.getByRole('button', { name: 'New API key' }).first().click();
    const form = page.getByRole('dialog', { name: 'New API key' });
    await form.getByLabel('Name').fill('Monitor');
    expect(await form.getByLabel('connections:write').count()).toBe(0);
    await form.getByRole('button', { name: 'Create key' }).click();
    const sheet = page.getByRole('dialog', { name: 'API key Monitor' });
    const token = await copyOf(sheet, 'Key');
    await sheet.getByRole('button', { name: 'Done' }).click();
    const headers = { authorization: `Bearer ${token}` };
    const status = async (path: string) => (await fetch(`${url}/api/v1${path}`, { headers })).status;
    expect([await status('/devices'), await status('/users')]).toEqual([200, 403]);
    expect(await page.getByText(FOREIGN).count()).toBe(0);
    const staff = await openSignedIn('/team/api-keys');
    await staff.getByRole('row').filter({ hasText: 'Monitor' }).getByText('Member').waitFor();
  });

  test('is told by every other page that it is not for this account, at each width', async () => {
    for (const width of Object.values(WIDTHS)) {
      const page = await open('/', width);
      for (const path of FORBIDDEN) {
        await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.getByText('Not for this account').waitFor();
        expect(await page.getByRole('button', { name: /^(New|Invite|Create|Pair)/ }).count(), path).toBe(0);
      }
    }
  });
});
