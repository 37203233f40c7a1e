import { beforeAll, describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { insertManyPhones } from './many-phones.ts';
import { rowsMadeDuring } from './speed/rows-made.ts';
import { useDashboard } from './use-dashboard.ts';

describe.skipIf(!hasChromium())('A list of 2,500 phones', () => {
  const dashboard = useDashboard();
  beforeAll(async () => await insertManyPhones(dashboard().world.server, 2_500));

  test('draws what is in sight, is sorted as a whole and walked through by keyboard', async () => {
    const page = await dashboard().openSignedIn('/devices?sort=name');
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

  test('makes each row once while it is scrolled, of few elements, and its buttons when it rests', async () => {
    const page = await dashboard().openSignedIn('/devices?sort=name');
    await page.getByRole('table', { name: 'devices' }).getByRole('row').nth(20).waitFor();
    const { rows, again, elements, contain, background, covered } = await rowsMadeDuring(page, 40);
    expect(rows).toBeGreaterThan(90);
    expect(rows).toBeLessThan(120);
    expect(again).toBe(0);
    expect(elements).toBeLessThanOrEqual(30);
    // Otherwise each row has the others laid out, and each step all of it painted.
    expect(contain).toBe('strict');
    expect(background).not.toMatch(/^transparent$|[/,] 0[)]$/);
    // Otherwise each step looks for the row that is under the pointer now, and lights it up.
    expect(covered).toBe(true);
    const addressed = page.locator('tbody [aria-rowindex]').filter({ hasText: '100.72.' });
    await addressed.last().getByRole('button', { name: 'Copy exit address' }).waitFor();
    const name = (await addressed.last().getByRole('link').textContent()) ?? '';
    await addressed.last().click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  });
});
