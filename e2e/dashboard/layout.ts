import type { Page } from 'playwright-core';
import { until } from '../harness/until.ts';

// Runs in the page, which is why it is text: the tests know no types of browsers.
const FIND = `(() => {
  const problems = [];
  const describe = (element) =>
    (element.getAttribute('aria-label') || element.textContent.trim() || element.outerHTML).slice(0, 60);
  for (const element of [document.documentElement, document.querySelector('main')]) {
    if (element && element.scrollWidth > element.clientWidth + 1) {
      problems.push('<' + element.localName + '> scrolls sideways: ' + element.scrollWidth + ' px in ' + element.clientWidth);
    }
  }
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const top = document.querySelector('[role="dialog"]') ?? document;
  const controls = [...top.querySelectorAll('a, button, input, textarea, [role="switch"], h1, h2, h3')].filter(
    (element) => shown(element) && !element.classList.contains('sr-only') && !element.closest('[aria-hidden="true"]'),
  );
  const boxes = controls.map((element) => ({ element, box: visibleBox(element) })).filter(({ box }) => box);
  for (const { element, box } of boxes) {
    if (box.right > innerWidth + 1 || box.left < -1) problems.push('out of the window: ' + describe(element));
  }
  for (const [at, one] of boxes.entries()) {
    for (const other of boxes.slice(at + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (width > 2 && height > 2 && !isLaidOver(one.element, other.element)) {
        problems.push('"' + describe(one.element) + '" and "' + describe(other.element) + '" overlap');
      }
    }
  }
  return problems;

  // What is left of an element after everything around it that clips.
  function visibleBox(element) {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const box = { left, right, top, bottom };
    for (let parent = element.parentElement; parent; parent = parent.parentElement) {
      if (getComputedStyle(parent).overflow === 'visible') continue;
      const clip = parent.getBoundingClientRect();
      box.left = Math.max(box.left, clip.left);
      box.right = Math.min(box.right, clip.right);
      box.top = Math.max(box.top, clip.top);
      box.bottom = Math.min(box.bottom, clip.bottom);
    }
    return box.right - box.left > 1 && box.bottom - box.top > 1 ? box : null;
  }

  // A button inside of its field, and heads of tables that stay while rows pass below them.
  function isLaidOver(one, other) {
    return [one, other].some((element) => {
      for (let parent = element; parent && parent !== top; parent = parent.parentElement) {
        if (['sticky', 'fixed'].includes(getComputedStyle(parent).position)) return true;
      }
      return element.matches('input') || element.closest('[data-sonner-toaster]') !== null;
    });
  }
})()`;

/** Tables and charts take their new width within some frames. */
const SETTLED_MS = 2_000;

/** What is wrong with how a page is laid out: it scrolls sideways, or what can be pressed is cut off or overlaps. */
export async function layoutProblems(page: Page): Promise<string[]> {
  let problems: string[] = [];
  const isFine = async (): Promise<boolean> => {
    problems = await page.evaluate<string[]>(FIND);
    return problems.length === 0;
  };
  await until('the layout to be settled', isFine, SETTLED_MS).catch(() => {});
  return problems;
}
