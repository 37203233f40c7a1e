import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { pairAgent } from '../harness/test-agent.ts';
import { until } from '../harness/until.ts';
import { hasChromium } from './browser.ts';
import { copyOf } from './person.ts';
import { useDashboard } from './use-dashboard.ts';
import { violations } from './violations.ts';

const FACTS = 'dl';

describe.skipIf(!hasChromium())('The list of phones', () => {
  const dashboard = useDashboard();

  test('pairs one: shows a code, notices that it comes, names it and leads to its first connection', async () => {
    const { world, openSignedIn } = dashboard();
    const page = await openSignedIn('/devices');
    await page.getByRole('button', { name: 'Pair a phone' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pair a phone' });
    await dialog.getByRole('img', { name: 'QR code with the pairing URL' }).waitFor();
    await dialog.getByText('Waiting for the phone').waitFor();
    expect(await dialog.getByRole('timer').textContent()).toMatch(/^(10:00|9:[0-5]\d)$/);
    expect(await violations(page)).toEqual([]);
    const url = await copyOf(dialog, 'pairing URL');

    const state = await mkdtemp(join(tmpdir(), 'pp-paired-'));
    await pairAgent(url, state).exited;
    await dialog.getByText('Simulated phone is paired').waitFor();
    await dialog.getByText('It is not connected yet').waitFor();
    const agent = world.agent.spawnOn(state);
    await dialog.getByText('Online').waitFor();
    await dialog.getByLabel('Name').fill('Kitchen phone');
    await dialog.getByRole('button', { name: 'Create its first connection' }).click();

    await page.getByRole('dialog', { name: /connection/i }).waitFor();
    expect(new URL(page.url()).searchParams.get('create')).toBe('new');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Kitchen phone' }).waitFor();
    await agent.kill();
    await rm(state, { recursive: true, force: true });
  });

  test('keeps its filters in the address, and saves what they leave as a table', async () => {
    const page = await dashboard().openSignedIn('/devices');
    await page.getByRole('link', { name: 'Phone 1' }).waitFor();
    await page.getByRole('button', { name: 'Filter by Status' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Online' }).click();
    await page.keyboard.press('Escape');
    await page.waitForURL(/[?&]status=online\b/);
    await page.reload();
    await page.getByRole('link', { name: 'Phone 1' }).waitFor();

    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const table = await readFile(await (await saved).path(), 'utf8');
    expect(table.split('\r\n')[0]).toMatch(/^id,name,status,exit_ip,/);
    expect(table).toContain('Phone 1,online,');

    await page.goto('/devices?status=reconnecting&q=nothing');
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await page.getByRole('link', { name: 'Phone 1' }).waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('rotates those that are selected, and shows that they rotate', async () => {
    const page = await dashboard().openSignedIn('/devices');
    await page.getByRole('checkbox', { name: 'Select Phone 1' }).click();
    await page.getByText('1 device selected').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    await page.getByRole('dialog').getByText('through their 1 connection breaks off').waitFor();
    const row = page.getByRole('row').filter({ hasText: 'Phone 1' });
    // It is over within seconds: who begins to look afterwards may be too late.
    const rotating = row.getByText('Rotating').waitFor();
    await Promise.all([rotating, page.getByRole('button', { name: 'Rotate 1 device' }).click()]);
    await row.getByText('Online').waitFor();
  });
});

describe.skipIf(!hasChromium())('The page of a phone', () => {
  const dashboard = useDashboard();

  /** The page of the phone that runs, on one of its tabs. */
  async function open(tab: string): Promise<Page> {
    const { world, openSignedIn } = dashboard();
    const page = await openSignedIn(`/devices/${world.agent.deviceId}/${tab}`);
    await page.getByRole('heading', { level: 1, name: /Phone 1/ }).waitFor();
    return page;
  }

  test('shows a rotation step by step, and what came of it', async () => {
    const page = await open('rotation');
    const before = await dashboard().world.server.api.device(dashboard().world.agent.deviceId);
    await page.locator(FACTS).first().getByText(before.exitIp!).waitFor();
    const progress = page.getByRole('region', { name: 'Rotation', exact: true });
    const button = page.getByRole('button', { name: 'Rotate' });
    // It is over within seconds: who begins to look afterwards may be too late.
    const seen = [
      progress.locator('[aria-current=step]', { hasText: 'Radio off and on' }).waitFor(),
      button.and(page.locator('[aria-busy=true]')).waitFor(),
    ];
    await Promise.all([...seen, button.click()]);
    await progress.getByText(`Rotated: ${before.exitIp} →`).waitFor();
    await page.locator(FACTS).first().getByText(before.exitIp!).waitFor({ state: 'detached' });
    await page.getByRole('table', { name: 'rotations' }).getByText('Succeeded').waitFor();
    await page.getByRole('table', { name: 'addresses' }).getByText('By hand').waitFor();
  });

  test('shows that the phone is away, and that it is back', async () => {
    const { world } = dashboard();
    const page = await open('metrics');
    const header = page.locator('header').first();
    await header.getByText('Online').waitFor();
    await world.agent.end('SIGKILL');
    await header.getByText('Reconnecting').waitFor();
    world.agent.launch();
    await header.getByText('Online').waitFor();
  });

  test('saves a schedule, and takes over what somebody else changes unless it was touched here', async () => {
    const { world } = dashboard();
    const page = await open('rotation');
    const every = page.getByLabel('Rotate by itself every');
    const tries = page.getByLabel('Further tries');
    await every.fill('4');
    await tries.fill('9');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('At most 5').waitFor();
    await tries.fill('3');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Rotation of Phone 1 saved').waitFor();
    await page.locator(FACTS).first().getByText('in 3 h').waitFor();

    await world.server.api.changeDevice(world.agent.deviceId, { autoRotateMinutes: 120 });
    await until('the schedule to be taken over', async () => (await every.inputValue()) === '2');
    await tries.fill('1');
    await world.server.api.changeDevice(world.agent.deviceId, { autoRotateMinutes: null });
    await page.getByText('Somebody has changed this meanwhile').waitFor();
    expect(await tries.inputValue()).toBe('1');
    await page.getByRole('button', { name: 'Show what it is now' }).click();
    await page.getByText('Somebody has changed this meanwhile').waitFor({ state: 'detached' });
    expect(await every.inputValue()).toBe('');
    expect(await tries.inputValue()).toBe('3');
  });

  test('gives orders, and tells what the phone answered', async () => {
    const page = await open('commands');
    await page.getByText('No commands yet').waitFor();
    await page.getByRole('button', { name: 'More actions' }).click();
    const menu = page.getByRole('menu');
    expect(await menu.getByRole('menuitem', { name: 'Update agent' }).getAttribute('aria-disabled')).toBe(
      'true',
    );
    expect(await violations(page)).toEqual([]);
    await menu.getByRole('menuitem', { name: 'Turn Wi-Fi off' }).click();
    await page.getByText('Turn Wi-Fi off: done on Phone 1').waitFor();
    const row = page.getByRole('row').filter({ hasText: 'Turn Wi-Fi off' });
    await row.getByText('Done').waitFor();
    await row.getByText('The simulated Wi-Fi is off').waitFor();
  });

  test('steps through days of traffic, and saves one as a table', async () => {
    const page = await open('usage?day=2026-03-01');
    await page.getByRole('button', { name: 'The day before' }).click();
    await page.waitForURL('**/usage?day=2026-02-28');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save CSV by hour' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('Phone 1 by hour 2026-02-28.csv');
    expect(await readFile(await download.path(), 'utf8')).toMatch(/^start,bytes/);
    await page.goto(page.url().replace('2026-02-28', 'yesterday'));
    expect(await page.getByLabel('Day', { exact: true }).inputValue()).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test('is paired anew only after it has said who is cut off', async () => {
    const page = await open('settings');
    await page.getByRole('button', { name: 'Pair anew' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pair “Phone 1” anew' });
    await dialog.getByText('The phone that is paired now is cut off').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('button:focus', { hasText: 'Pair anew' }).waitFor();
    await page.getByRole('button', { name: 'More actions' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Pair anew' }).press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await page.locator('button:focus[aria-label="More actions"]').waitFor();
  });

  test('is renamed, and deleted after it has told what goes with it', async () => {
    const { world } = dashboard();
    const page = await open('settings');
    await page.getByLabel('Name').fill('Phone 1b');
    await page.getByLabel('Name').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Phone 1b' }).waitFor();
    await page.getByRole('button', { name: 'Delete device' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete device “Phone 1b”?' });
    await dialog
      .getByText(`1 connection, whose customers lose access: port ${world.connection.port}`)
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Delete device' }).click();
    await page.getByText('Device Phone 1b deleted').waitFor();
    await page.waitForURL('**/devices');
    await page.getByText('No phones yet').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
