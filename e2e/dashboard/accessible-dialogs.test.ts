import { describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { dialogsOf } from './pages.ts';
import { problemsIn, problemsOf } from './problems.ts';
import { useShowcase } from './showcase/use-showcase.ts';

describe.skipIf(!hasChromium())('Everybody can use', () => {
  const dashboard = useShowcase();

  test('every dialog, in dark and light, at every width', { timeout: 300_000 }, async () => {
    const { openSignedIn, things } = dashboard();
    const page = await openSignedIn('/');
    expect(await problemsOf(page, dialogsOf(things))).toEqual([]);
  });

  test('signing in that was refused, and the menu of columns', async () => {
    const door = await dashboard().open('/sign-in');
    await door.getByRole('button', { name: 'Sign in' }).click();
    await door.locator('[aria-invalid=true]').first().waitFor();
    expect(await problemsIn(door)).toEqual([]);
    const page = await dashboard().openSignedIn('/devices');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('menuitemcheckbox').first().waitFor();
    expect(await problemsIn(page)).toEqual([]);
  });
});
