import type { Page } from 'playwright-core';

/** What scrolling has made, which tells the same on each machine. */
export interface RowsMade {
  /** Rows that were made. */
  readonly rows: number;
  /** Of them, those that there had been already. */
  readonly again: number;
  /** Most elements in one of them, without its buttons. */
  readonly elements: number;
  /** Value of `contain` of them all, and of the `background-color` of what scrolls. */
  readonly contain: string;
  readonly background: string;
  /** Whether a pointer over the rows meets none of them meanwhile. */
  readonly covered: boolean;
}

// What runs in pages is text: the scripts know no types of browsers.
const rowsMade = (steps: number): string => `(async () => {
  const main = document.querySelector('[data-scroll]');
  const places = new Set([...document.querySelectorAll('tbody [aria-rowindex]')].map((row) => row.ariaRowIndex));
  const made = { rows: 0, again: 0, elements: 0, contain: new Set() };
  new MutationObserver((records) => {
    for (const row of records.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (!row.ariaRowIndex) continue;
      made.rows += 1;
      if (places.has(row.ariaRowIndex)) made.again += 1;
      places.add(row.ariaRowIndex);
      made.elements = Math.max(made.elements, row.querySelectorAll('td, td:not(:last-child) *').length);
      if (row.isConnected) made.contain.add(getComputedStyle(row).contain);
    }
  }).observe(document.querySelector('tbody'), { childList: true });
  for (let step = 0; step < ${steps}; step += 1) {
    main.scrollTop += 90;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  const { left, top, width, height } = main.getBoundingClientRect();
  const met = document.elementFromPoint(left + width / 2, top + height / 2);
  const covered = met !== null && met.closest('tbody') !== null && met.closest('[aria-rowindex]') === null;
  return { ...made, covered, contain: [...made.contain].join(), background: getComputedStyle(main).backgroundColor };
})()`;

/** Scrolls the rows of a page down in so many steps of 90 pixels. */
export async function rowsMadeDuring(page: Page, steps: number): Promise<RowsMade> {
  return await page.evaluate<RowsMade>(rowsMade(steps));
}
