import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launchBrowser, openContext } from './dashboard/browser.ts';
import { copyOf } from './dashboard/person.ts';
import { signIn } from './dashboard/sign-in.ts';
import { ADMIN } from './harness/test-server.ts';
import { inTheLab, useLabWorld, VPS_PORTS } from './lab/lab-world.ts';
import { PLAN } from './lab/network-plan.ts';
import { VPN_UNAVAILABLE, VpnClient, type VpnLogin } from './lab/vpn-client.ts';

const UNAVAILABLE = VPN_UNAVAILABLE ?? (hasChromium() ? null : 'not installed: chromium');
const URL = `http://127.0.0.1:${VPS_PORTS.http}`;

describe.skipIf(UNAVAILABLE)(
  inTheLab('a .ovpn file that a browser has downloaded from the dashboard'),
  () => {
    const world = useLabWorld({ vpn: true });
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      if (UNAVAILABLE) return;
      browser = await launchBrowser(await chromiumOnTheVps());
      page = await (await openContext(browser, URL)).newPage();
      await signIn(page, ADMIN);
    });
    afterAll(async () => {
      await browser?.close();
    });

    /** A program that starts Chromium where the dashboard is. */
    async function chromiumOnTheVps(): Promise<string> {
      const { lab } = world();
      const program = join(lab.directory, 'chromium-on-the-vps');
      const command = lab.hosts.vps.argv(['/usr/bin/chromium', '"$@"']).join(' ');
      await writeFile(program, `#!/bin/sh\nexec ${command}\n`, { mode: 0o700 });
      return program;
    }

    /** Connects with a file as it is, and fetches through the phone. */
    async function expectWayThrough(file: string, login: VpnLogin | null): Promise<void> {
      const { hosts, mobile } = world().lab;
      const client = await VpnClient.startUnedited(hosts.customer, file, login);
      await client.connected();
      const curl = ['curl', '-sS', '--max-time', '10', `http://${PLAN.web.ip4}/ip`];
      expect(await hosts.customer.run(curl)).toBe(mobile.ip4);
      await client.stop();
    }

    let login: VpnLogin;

    test('connects without a question when it comes with the credentials of a new connection', async () => {
      await page.goto(`/connections?create=${world().agent.deviceId}`);
      const dialog = page.getByRole('dialog', { name: 'Create a connection' });
      await dialog.getByLabel('Name', { exact: true }).fill('Corner shop');
      await dialog.getByRole('button', { name: 'Create connection' }).click();
      const sheet = page.getByRole('dialog', { name: '“Corner shop” is ready on port' });
      login = { username: await copyOf(sheet, 'User name'), password: await copyOf(sheet, 'Password') };
      const file = await downloadBy(page, sheet.getByRole('button', { name: 'Download .ovpn' }));
      await sheet.getByRole('button', { name: 'Done' }).click();
      expect(file).toContain(login.password);
      await expectWayThrough(file, null);
    });

    test('connects with user name and password when it comes from the page of a connection', async () => {
      await page.goto('/connections');
      await page.getByRole('link', { name: 'Corner shop' }).click();
      await page.getByRole('heading', { level: 1, name: 'Corner shop' }).waitFor();
      const file = await downloadBy(page, page.getByRole('button', { name: '.ovpn', exact: true }));
      expect(file).not.toContain(login.password);
      await expectWayThrough(file, login);
    });
  },
);

/** Presses a button that saves the file of the connection; answers what is in it. */
async function downloadBy(page: Page, button: Locator): Promise<string> {
  const saved = page.waitForEvent('download');
  await button.click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe('Corner shop.ovpn');
  return await readFile(await download.path(), 'utf8');
}
