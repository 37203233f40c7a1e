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

  test('charts show a part: half by plus, all by minus, what a mouse is drawn over, all by a button', async () => {
    const page = await dashboard().openSignedIn('/');
    const points = page.getByRole('slider', { name: 'Bytes by hour, UTC, one by one' });
    const count = async (): Promise<number> => Number(await points.getAttribute('max')) + 1;
    const all = await count();
    await points.press('End');
    const lastText = await points.getAttribute('aria-valuetext');
    await points.press('+');
    expect(await count()).toBe(Math.ceil(all / 2));
    expect(await points.getAttribute('aria-valuetext')).toBe(lastText);
    await points.press('-');
    expect(await count()).toBe(all);
    const box = (await points.boundingBox())!;
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.4, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 3 });
    await page.mouse.up();
    expect(await count()).toBeGreaterThan(1);
    expect(await count()).toBeLessThan(all / 2);
    await page.getByRole('button', { name: 'Show whole range' }).click();
    expect(await count()).toBe(all);
  });
});
