import { describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { plainPagesOf } from './pages.ts';
import { problemsOf } from './problems.ts';
import { useShowcase } from './showcase/use-showcase.ts';
import { scriptWeights } from './speed/script-weight.ts';

/** Of script, compressed with gzip, for the first page that somebody opens. */
const MOST_KB = 300;

describe.skipIf(!hasChromium())('Everybody can use', () => {
  const dashboard = useShowcase();

  test('every page of a server in use, in dark and light, at every width', { timeout: 300_000 }, async () => {
    const { openSignedIn, things } = dashboard();
    const page = await openSignedIn('/');
    expect(await problemsOf(page, plainPagesOf(things))).toEqual([]);
  });

  test(`every page on a slow line: none takes more than ${MOST_KB} KB of script`, async () => {
    const { openSignedIn, things } = dashboard();
    const weights = await scriptWeights(await openSignedIn('/'), plainPagesOf(things));
    const inKb = [...weights].map(([name, bytes]) => [name, Math.ceil(bytes / 1024)] as const);
    console.log(inKb.map(([name, kb]) => `${name} ${kb} KB`).join(', '));
    expect(inKb.filter(([, kb]) => kb > MOST_KB)).toEqual([]);
  });

  test('charts by keys: arrows go from point to point, and each tells its values', async () => {
    const page = await dashboard().openSignedIn('/');
    const points = page.getByRole('slider', { name: 'Bytes by hour, UTC, one by one' });
    await points.focus();
    const [last, lastText] = [await points.inputValue(), await points.getAttribute('aria-valuetext')];
    expect(lastText).toMatch(/^\d\d-\d\d \d\d:00: Download .*, Upload .*$/);
    await points.press('ArrowLeft');
    expect(Number(await points.inputValue())).toBe(Number(last) - 1);
    expect(await points.getAttribute('aria-valuetext')).not.toBe(lastText);
    await points.press('Home');
    expect(await points.inputValue()).toBe('0');
  });
});
