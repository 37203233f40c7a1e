import type { Page } from 'playwright-core';
import { setTheme, WIDTHS } from './browser.ts';
import { layoutProblems } from './layout.ts';
import { openPage, type PageOfDashboard } from './pages.ts';
import { violations } from './violations.ts';

/** What is wrong with each of these pages, one after the other. */
export async function problemsOf(page: Page, pages: readonly PageOfDashboard[]): Promise<string[]> {
  const problems: string[] = [];
  for (const one of pages) {
    await openPage(page, one);
    problems.push(...(await problemsIn(page)).map((problem) => `${one.name}, ${problem}`));
  }
  return problems;
}

/** What is wrong with what is shown now; the theme and the width are dark and 1440 px before and after. */
export async function problemsIn(page: Page): Promise<string[]> {
  const problems = (await violations(page)).map((problem) => `dark: ${problem}`);
  await setTheme(page, 'light');
  problems.push(...(await violations(page, ['color-contrast'])).map((problem) => `light: ${problem}`));
  await setTheme(page, 'dark');
  const size = page.viewportSize() ?? { width: WIDTHS.desktop, height: 900 };
  for (const width of Object.values(WIDTHS)) {
    await page.setViewportSize({ ...size, width });
    problems.push(...(await layoutProblems(page)).map((problem) => `${width} px: ${problem}`));
  }
  await page.setViewportSize(size);
  return problems;
}
