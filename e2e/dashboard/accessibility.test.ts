import { describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { useDashboard } from './use-dashboard.ts';
import { violations } from './violations.ts';

const PATHS = [
  '/',
  '/devices',
  '/connections',
  '/links',
  '/notifications',
  '/team',
  '/settings',
  '/audit-log',
  '/api',
];
const TABS = ['connections', 'rotation', 'metrics', 'usage', 'commands', 'settings'];

describe.skipIf(!hasChromium())('Everybody can use', () => {
  const dashboard = useDashboard();

  test.each(['dark', 'light'] as const)(
    'every page in %s',
    async (theme) => {
      const { world, openSignedIn } = dashboard();
      const page = await openSignedIn('/', { theme });
      const device = `/devices/${world.agent.deviceId}`;
      const paths = [
        ...PATHS,
        ...TABS.map((tab) => `${device}/${tab}`),
        `/connections/${world.connection.id}`,
      ];
      const found: string[] = [];
      for (const path of paths) {
        await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        found.push(...(await violations(page)).map((violation) => `${path} ${violation}`));
      }
      expect(found).toEqual([]);
    },
    120_000,
  );

  test.each(['dark', 'light'] as const)('signing in, the palette and the menus in %s', async (theme) => {
    const { open, openSignedIn } = dashboard();
    const door = await open('/sign-in', { theme });
    await door.getByRole('button', { name: 'Sign in' }).click();
    await door.locator('[aria-invalid=true]').first().waitFor();
    expect(await violations(door)).toEqual([]);
    const page = await openSignedIn('/devices', { theme });
    await page.keyboard.press('Control+k');
    await page.getByRole('option').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('menuitemcheckbox').first().waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
