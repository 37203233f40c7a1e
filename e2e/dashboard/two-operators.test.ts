import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { goTo } from './person.ts';
import { signIn } from './sign-in.ts';
import { useDashboard } from './use-dashboard.ts';

const COLLEAGUE = { email: 'colleague@lab.example', password: 'seven brown foxes at night' };

/** What one does by the API while the other looks at a page; the page is opened before, and never again. */
interface Change {
  readonly page: string;
  /** Is there once the page was read. */
  readonly ready: (page: Page) => Locator;
  readonly path: string;
  readonly body: object;
  /** What the other sees. */
  readonly seen: string | RegExp;
}

const row = (page: Page, name: string | RegExp) => page.getByRole('row').filter({ hasText: name });
const empty = (text: string) => (page: Page) => page.getByText(text);

const CHANGES: readonly Change[] = [
  {
    ...{ page: '/team/people', ready: (page) => row(page, COLLEAGUE.email), path: '/users' },
    body: { email: 'ada@lab.example', name: 'Ada', role: 'operator' },
    seen: 'ada@lab.example',
  },
  {
    ...{ page: '/team/invitations', ready: empty('Nobody is invited'), path: '/invitations' },
    body: { email: 'guest@lab.example', role: 'operator' },
    seen: 'guest@lab.example',
  },
  {
    ...{ page: '/team/customers', ready: (page) => page.getByRole('row').nth(1), path: '/organizations' },
    ...{ body: { name: 'Acme' }, seen: 'Acme' },
  },
  {
    ...{ page: '/team/api-keys', ready: empty('No API keys yet'), path: '/api-keys' },
    ...{ body: { name: 'Billing', scopes: ['devices:read'] }, seen: 'Billing' },
  },
  {
    ...{ page: '/notifications', ready: empty('Nobody is told'), path: '/notification-channels' },
    body: {
      ...{ type: 'webhook', name: 'Operations', target: 'https://nowhere.invalid/' },
      events: ['device.offline'],
    },
    seen: 'Operations',
  },
  {
    ...{ page: '/audit-log', ready: (page) => row(page, 'User').or(row(page, 'Person')).first() },
    ...{ path: '/organizations', body: { name: 'Umbrella' }, seen: 'Umbrella' },
  },
];

describe.skipIf(!hasChromium())('Two operators', () => {
  const dashboard = useDashboard();
  let first = true;
  beforeEach(async () => {
    if (!first) return;
    first = false;
    const { api } = dashboard().world.server;
    await api.call('POST', '/users', { ...COLLEAGUE, name: 'Colleague', role: 'admin' });
  });

  /** A page of the second of them. */
  async function openAsColleague(path: string): Promise<Page> {
    const page = await dashboard().open('/sign-in');
    await signIn(page, COLLEAGUE, path);
    return page;
  }

  test('see on each page what the other administers, without reading it again', async () => {
    const { api } = dashboard().world.server;
    const page = await openAsColleague('/');
    for (const { page: path, ready, ...change } of CHANGES) {
      // Within the page that is there already: it is not loaded anew.
      await page.evaluate(`history.pushState({}, '', '${path}')`);
      await ready(page).waitFor();
      await api.call('POST', change.path, change.body);
      await row(page, change.seen).first().waitFor();
    }
  });

  test('see what became of a message to a channel that the other tries', async () => {
    const { api } = dashboard().world.server;
    const [channel] = (await api.call<{ items: { id: string }[] }>('GET', '/notification-channels')).items;
    const page = await openAsColleague('/');
    await page.goto(`/notifications?channel=${channel!.id}`);
    const sheet = page.getByRole('dialog', { name: 'Operations' });
    await sheet.getByText('Nothing was sent yet').waitFor();
    await api.call('POST', `/notification-channels/${channel!.id}/test`);
    await sheet.getByRole('listitem').filter({ hasText: 'Test message' }).waitFor();
  });

  test('see a new rotation link, and how the other is called from now on', async () => {
    const { world, openSignedIn } = dashboard();
    const page = await openAsColleague('/links');
    await page.getByText('No rotation links yet').waitFor();
    const body = { deviceId: world.agent.deviceId, name: 'Shop' };
    await world.server.api.call('POST', '/rotation-links', body);
    await row(page, 'Shop').waitFor();
    await goTo(page, 'Team');
    await row(page, 'admin@lab.example').waitFor();

    const own = await openSignedIn('/settings/account');
    await own.getByRole('button', { name: 'Change name' }).click();
    const form = own.getByRole('dialog', { name: 'Change name' });
    await form.getByLabel('Name').fill('Grace Hopper');
    await own.keyboard.press('Enter');
    await own.getByText('You are called Grace Hopper now').waitFor();
    await own
      .getByRole('button', { name: 'Account of admin@lab.example' })
      .getByText('Grace Hopper')
      .waitFor();
    await row(page, 'admin@lab.example').getByText('Grace Hopper').waitFor();
  });

  test('see that the connection that they look at was deleted by the other', async () => {
    const { agent, server } = dashboard().world;
    const body = { deviceId: agent.deviceId, name: 'Short-lived' };
    const { id } = await server.api.call<{ id: string }>('POST', '/connections', body);
    const page = await openAsColleague(`/connections/${id}`);
    await page.getByRole('heading', { name: 'Short-lived' }).waitFor();
    await server.api.call('DELETE', `/connections/${id}`);
    await page.getByText('It was deleted, or it belongs to somebody else.').waitFor();
  });

  test('see that the other has taken back a command that waited for its phone', async () => {
    const { world, openSignedIn } = dashboard();
    const { agent, server } = world;
    const path = `/devices/${agent.deviceId}/commands`;
    await agent.end('SIGKILL');
    await server.api.call('POST', path, { type: 'find_phone' });
    const [own, page] = [await openSignedIn(path), await openAsColleague(path)];
    await row(page, 'Find phone').getByText('Waiting').waitFor();
    await row(own, 'Find phone').getByRole('button', { name: 'Cancel Find phone' }).click();
    await own.getByText('Find phone: cancelled').waitFor();
    for (const each of [own, page]) {
      await row(each, 'Find phone').getByText('Cancelled', { exact: true }).waitFor();
      expect(await each.getByRole('button', { name: 'Cancel Find phone' }).count()).toBe(0);
    }
    agent.launch();
    await agent.online();
    const commands = await server.api.call<{ items: { status: string }[] }>('GET', path);
    expect(commands.items).toMatchObject([{ status: 'expired', cancelled: true }]);
  });
});
