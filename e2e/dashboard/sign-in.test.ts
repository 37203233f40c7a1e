import { describe, expect, test } from 'vitest';
import { ADMIN } from '../harness/test-server.ts';
import { hasChromium, WIDTHS } from './browser.ts';
import { submitLogin } from './sign-in.ts';
import { useDashboard } from './use-dashboard.ts';

describe.skipIf(!hasChromium())(
  `Signing in${hasChromium() ? '' : ' (skipped: chromium-headless-shell is missing)'}`,
  () => {
    const dashboard = useDashboard();

    test('leads to the page that was asked for, and out again', async () => {
      const page = await dashboard().open('/devices?q=phone');
      await page.waitForURL('**/sign-in?next=**');
      await submitLogin(page, { ...ADMIN, password: 'wrong horse battery staple' });
      await page.getByRole('alert').getByText('E-mail or password is wrong').waitFor();
      await submitLogin(page, ADMIN);
      await page.waitForURL('**/devices?q=phone');
      await page.getByRole('heading', { name: 'Devices' }).waitFor();
      expect(await page.title()).toBe('Devices · PocketProxy');
      await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
      await page.getByRole('link', { name: 'Phone 1' }).waitFor();

      await page.reload();
      await page.getByRole('link', { name: 'Phone 1' }).waitFor();

      await page.getByRole('button', { name: `Account of ${ADMIN.email}` }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.goto('/devices');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });

    test('says what is missing before anything is sent', async () => {
      const page = await dashboard().open('/sign-in');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('[aria-invalid=true]').first().waitFor();
      await page.locator('input[name=email]:focus').waitFor();
    });

    test('does not lead to another site', async () => {
      const page = await dashboard().open('/sign-in?next=%2F%2Fevil.example%2F');
      await submitLogin(page, ADMIN);
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/');
    });

    test('that ends on the server is asked for anew, and leads back', async () => {
      const page = await dashboard().openSignedIn('/devices');
      await page.context().clearCookies();
      const { api } = dashboard().world.server;
      const { items } = await api.call<{ items: { id: string; current: boolean }[] }>(
        'GET',
        '/auth/sessions',
      );
      for (const { id, current } of items) if (!current) await api.call('DELETE', `/auth/sessions/${id}`);
      await page.getByText('Your session has ended').waitFor();
      await submitLogin(page, ADMIN);
      await page.waitForURL('**/devices');
    });
  },
);

describe.skipIf(!hasChromium())('The shell', () => {
  const dashboard = useDashboard();

  test('follows the keyboard', async () => {
    const page = await dashboard().openSignedIn('/');
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.waitForURL('**/devices');
    await page.getByRole('link', { name: 'Phone 1' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('nothing like it');
    await page.getByText('No devices match').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('nothing like it');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Phone 1' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find a device').fill('first');
    await page.getByRole('option', { name: /First/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'First' }).waitFor();
    await page.goBack();
    await page.waitForURL('**/devices');
  });

  test('rotates from the page of a phone with one key, and tells both addresses', async () => {
    const { world, openSignedIn } = dashboard();
    const page = await openSignedIn(`/devices/${world.agent.deviceId}`);
    await page.getByRole('heading', { name: 'Phone 1' }).waitFor();
    await page.getByRole('button', { name: 'Rotate' }).waitFor();
    await page.keyboard.press('r');
    // Both the page and a toast tell it.
    await page
      .getByText(/^Rotated: .+ → .+ in \S+\ss$/)
      .first()
      .waitFor();
  });

  test('is a sheet on a tablet', async () => {
    const page = await dashboard().openSignedIn('/', { width: WIDTHS.tablet });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Connections' }).click();
    await page.getByRole('heading', { name: 'Connections' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  test('shows that the server is gone, and that it is back', async () => {
    const { world, openSignedIn } = dashboard();
    const page = await openSignedIn('/devices');
    await page.getByRole('link', { name: 'Phone 1' }).waitFor();
    await world.server.end('SIGKILL');
    await page.getByRole('status').filter({ hasText: 'Reconnecting' }).waitFor();
    await world.server.launch();
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await world.server.api.changeDevice(world.agent.deviceId, { name: 'Phone renamed' });
    await page.getByRole('link', { name: 'Phone renamed' }).waitFor();
  });
});
