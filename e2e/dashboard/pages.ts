import type { Locator, Page } from 'playwright-core';

export interface PageOfDashboard {
  readonly name: string;
  readonly path: string;
  /** One of those that people work with most. */
  readonly main?: boolean;
  /** Opens a dialog, sheet or menu on it, and answers what is open then. */
  readonly open?: (page: Page) => Promise<Locator>;
}

/** Things that pages are of. */
export interface Things {
  readonly deviceId: string;
  readonly connectionId: string;
}

/** Every page. */
export function plainPagesOf({ deviceId, connectionId }: Things): readonly PageOfDashboard[] {
  const device = `/devices/${deviceId}`;
  return [
    { name: 'overview', path: '/', main: true },
    { name: 'devices', path: '/devices', main: true },
    { name: 'device-connections', path: `${device}/connections`, main: true },
    { name: 'device-rotation', path: `${device}/rotation` },
    { name: 'device-metrics', path: `${device}/metrics` },
    { name: 'device-usage', path: `${device}/usage`, main: true },
    { name: 'device-commands', path: `${device}/commands` },
    { name: 'device-settings', path: `${device}/settings` },
    { name: 'connections', path: '/connections', main: true },
    { name: 'connection', path: `/connections/${connectionId}`, main: true },
    { name: 'links', path: '/links' },
    { name: 'notifications', path: '/notifications' },
    { name: 'team', path: '/team' },
    { name: 'team-invitations', path: '/team/invitations' },
    { name: 'team-customers', path: '/team/customers' },
    { name: 'team-api-keys', path: '/team/api-keys' },
    { name: 'settings', path: '/settings' },
    { name: 'settings-preferences', path: '/settings/preferences' },
    { name: 'settings-server', path: '/settings/server' },
    { name: 'audit-log', path: '/audit-log' },
    { name: 'api', path: '/api' },
    { name: 'not-found', path: '/no-such-page' },
  ];
}

/** Every dialog, on a page that has it. */
export function dialogsOf({ deviceId, connectionId }: Things): readonly PageOfDashboard[] {
  return [
    { name: 'pair', path: '/devices', open: byButton('Pair a phone') },
    { name: 'create-connection', path: '/connections', open: byButton('Create connection') },
    { name: 'create-link', path: '/links', open: byButton('Create link') },
    { name: 'new-channel', path: '/notifications', open: byButton('New channel') },
    { name: 'invite', path: '/team', open: byButton('Invite') },
    { name: 'new-api-key', path: '/team/api-keys', open: byButton('New API key') },
    {
      ...{ name: 'delete-device', path: `/devices/${deviceId}/settings` },
      open: byButton('Delete device'),
    },
    {
      ...{ name: 'new-password', path: `/connections/${connectionId}` },
      open: byMenu('More for', 'New password…'),
    },
    {
      ...{ name: 'delete-connection', path: `/connections/${connectionId}` },
      open: byMenu('More for', 'Delete…'),
    },
    { name: 'change-name', path: '/settings', open: byButton('Change name') },
    { name: 'palette', path: '/devices', open: byKey('Control+k') },
    { name: 'shortcuts', path: '/devices', open: byKey('?') },
  ];
}

function byButton(name: string) {
  return async (page: Page): Promise<Locator> => {
    await page.getByRole('main').getByRole('button', { name }).first().click();
    return page.getByRole('dialog');
  };
}

function byMenu(menu: string, item: string) {
  return async (page: Page): Promise<Locator> => {
    await page.getByRole('main').getByRole('button', { name: menu }).first().click();
    await page.getByRole('menuitem', { name: item }).click();
    return page.getByRole('dialog');
  };
}

function byKey(key: string) {
  return async (page: Page): Promise<Locator> => {
    await page.keyboard.press(key);
    return page.getByRole('dialog');
  };
}

/** Goes there and waits until everything is drawn and read. */
export async function openPage(page: Page, { path, open }: PageOfDashboard): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).or(page.getByText('There is no such page')).first().waitFor();
  await page.getByRole('status').filter({ hasText: 'Live' }).first().waitFor();
  await everythingRead(page);
  if (!open) return;
  const opened = await open(page);
  await opened.waitFor();
  await everythingRead(page);
}

/** No part of the page stands for what is still being read. */
export async function everythingRead(page: Page): Promise<void> {
  await page.locator('[data-skeleton]').first().waitFor({ state: 'detached' });
}
