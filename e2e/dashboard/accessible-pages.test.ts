import { describe, expect, test } from 'vitest';
import { hasChromium } from './browser.ts';
import { plainPagesOf } from './pages.ts';
import { problemsOf } from './problems.ts';
import { useShowcase } from './showcase/use-showcase.ts';

describe.skipIf(!hasChromium())('Everybody can use', () => {
  const dashboard = useShowcase();

  test('every page of a server in use, in dark and light, at every width', { timeout: 300_000 }, async () => {
    const { openSignedIn, things } = dashboard();
    const page = await openSignedIn('/');
    expect(await problemsOf(page, plainPagesOf(things))).toEqual([]);
  });
});
