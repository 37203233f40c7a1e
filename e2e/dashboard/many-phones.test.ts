import { describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { insertManyPhones } from './many-phones.ts';
import { useDashboard } from './use-dashboard.ts';

describe.skipIf(!hasChromium())('A list of 2,500 phones', () => {
  const dashboard = useDashboard();

  test('draws what is in sight, is sorted as a whole and walked through by keyboard', async () => {
    const { world, openSignedIn } = dashboard();
    await insertManyPhones(world.server, 2_500);
    const page = await openSignedIn('/devices?sort=name');
    const table = page.getByRole('table', { name: 'devices' });
    await table.getByRole('row').nth(20).waitFor();
    expect(await table.getAttribute('aria-rowcount')).toBe('2502');
    expect(await table.getByRole('row').count()).toBeLessThan(80);
    const top = await table.getByRole('link').first().textContent();
    await table.getByRole('link').first().focus();
    await page.keyboard.press('End');
    await page.locator('[data-row="2500"]:focus').waitFor();
    expect(await table.getByRole('row').count()).toBeLessThan(80);
    await page.keyboard.press('Home');
    await page.locator('[data-row="0"]:focus').waitFor();
    expect(await table.getByRole('link').first().textContent()).toBe(top);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: top ?? '' }).waitFor();
  });
});
