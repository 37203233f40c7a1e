import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/**
 * What keeps somebody from using the page: WCAG 2.2 A and AA, apart from what is merely unfortunate. With `rules` only
 * what breaks these; of a dialog that is open only what is in it.
 */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // Our pages have no frames. For them axe would open another page each time, to put their results together.
  const builder = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
  if ((await page.getByRole('dialog').count()) > 0) builder.include('[role="dialog"]');
  const { violations: found } = await (rules ? builder.withRules(rules) : builder).analyze();
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
