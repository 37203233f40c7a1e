import type { Page } from 'playwright-core';

// What runs in pages is text: the scripts know no types of browsers.
const OBSERVE = `(() => {
  const seen = { largest: 0, shift: 0, busyUntil: 0, ready: 0, inputs: [] };
  globalThis.seen = seen;
  const observe = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, durationThreshold: 16 });
  observe('largest-contentful-paint', (entry) => (seen.largest = entry.startTime));
  observe('layout-shift', (entry) => !entry.hadRecentInput && (seen.shift += entry.value));
  observe('longtask', (entry) => (seen.busyUntil = entry.startTime + entry.duration));
  observe('event', (entry) => entry.name === 'keydown' && seen.inputs.push(entry.duration));
  new MutationObserver(() => {
    if (!seen.ready && document.querySelector('main h1') && !document.querySelector('[data-skeleton]')) {
      seen.ready = performance.now();
    }
  }).observe(document, { childList: true, subtree: true, attributes: true });
})()`;

/** What a page has seen of itself; times in milliseconds since it was asked for. */
export interface Seen {
  /** Largest contentful paint. */
  readonly largest: number;
  /** Sum of all layout shifts that nobody has caused by a press. */
  readonly shift: number;
  /** End of the last task of more than 50 ms. */
  readonly busyUntil: number;
  /** When its data stood in it. */
  readonly ready: number;
  /** From each key that took longer than a frame until what it has changed was painted. */
  readonly inputs: readonly number[];
}

/** Has all pages of `page` watch themselves from their first line on. */
export async function observe(page: Page): Promise<void> {
  await page.addInitScript(OBSERVE);
}

export async function readSeen(page: Page): Promise<Seen> {
  return await page.evaluate<Seen>('globalThis.seen');
}

/** Scrolls the page's rows for `seconds` as a wheel does; the time of each frame in milliseconds. */
export async function scrollFrames(page: Page, seconds: number): Promise<number[]> {
  return await page.evaluate<number[]>(`new Promise((resolve) => {
    const main = document.querySelector('[data-scroll]');
    const frames = [];
    let last = performance.now();
    const end = last + ${seconds * 1000};
    const step = (now) => {
      frames.push(now - last);
      last = now;
      main.scrollTop += 90;
      if (main.scrollTop + main.clientHeight >= main.scrollHeight - 1) main.scrollTop = 0;
      if (now < end) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  })`);
}

/** Resolves when what has changed so far is painted. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}
