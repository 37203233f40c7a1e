import type { Browser } from 'playwright-core';
import { ADMIN, TestServer } from '../harness/test-server.ts';
import { launchBrowser, openContext } from './browser.ts';
import { insertManyPhones } from './many-phones.ts';
import { plainPagesOf } from './pages.ts';
import { seedShowcase } from './showcase/seed-showcase.ts';
import { signIn } from './sign-in.ts';
import { busyDuring, perOne } from './speed/busy.ts';
import { observe, painted, readSeen, scrollFrames } from './speed/in-page.ts';
import { type Load, loadCold } from './speed/loads.ts';

// `node e2e/dashboard/speed-main.ts`: how fast the built dashboard is in Chromium without a graphics card, from a server
// on the same machine. Prints the tables of docs/performance.md; with names of pages, only what is about these.

const ROUNDS = 5;
const PHONES = 2_500;
const SCROLL_SECONDS = 5;
const SEARCHED = 'galaxy o2';
const FRAME_MS = 1000 / 60;

const server = await TestServer.start();
const browser = await launchBrowser();
try {
  const url = `http://127.0.0.1:${server.ports.http}`;
  const things = await seedShowcase(server);
  const session = await sessionOf(browser, url);
  console.log('| page, cold cache | script, gzip | data shown and idle | largest paint | layout shift |');
  console.log('|---|---|---|---|---|');
  console.log(rowOf('sign-in', await rounds(() => loadCold(browser, url, null, '/sign-in'))));
  let worstShift = 0;
  for (const { name, path, main } of plainPagesOf(things)) {
    if (name === 'not-found' || !isAsked(name)) continue;
    const load = () => loadCold(browser, url, session, path);
    const loads = main ? await rounds(load) : [await load()];
    worstShift = Math.max(worstShift, ...loads.map(({ shift }) => shift));
    if (main) console.log(rowOf(name, loads));
    else if (worstShift === loads[0]?.shift) console.log(`(${name} shifts by ${worstShift.toFixed(3)})`);
  }
  await insertManyPhones(server, PHONES);
  console.log(
    rowOf(`devices, ${PHONES} rows`, await rounds(() => loadCold(browser, url, session, '/devices'))),
  );
  console.log(`\nWorst layout shift of all pages: ${worstShift.toFixed(3)}`);
  await measureList(browser, url);
} finally {
  await browser.close();
  await server.destroy();
}

function isAsked(name: string): boolean {
  return process.argv.length < 3 || process.argv.includes(name);
}

async function sessionOf(own: Browser, url: string) {
  const context = await openContext(own, url);
  await signIn(await context.newPage(), ADMIN);
  const state = await context.storageState();
  await context.close();
  return state;
}

async function rounds(load: () => Promise<Load>): Promise<Load[]> {
  const loads: Load[] = [];
  // The first one has the server read its files.
  for (let round = 0; round <= ROUNDS; round += 1) loads.push(await load());
  return loads.slice(1);
}

function rowOf(name: string, loads: readonly Load[]): string {
  const middle = (of: (load: Load) => number): number => percentile(loads.map(of), 0.5);
  const shift = Math.max(...loads.map((load) => load.shift));
  return [
    ...['', name, `${(middle((load) => load.scriptBytes) / 1024).toFixed(0)} KB`],
    ...[
      `${middle((load) => load.interactive).toFixed(0)} ms`,
      `${middle((load) => load.largest).toFixed(0)} ms`,
    ],
    ...[shift.toFixed(3), ''],
  ]
    .join(' | ')
    .trim();
}

/** Scrolls and filters many rows. */
async function measureList(own: Browser, url: string): Promise<void> {
  const context = await openContext(own, url);
  const page = await context.newPage();
  await observe(page);
  await signIn(page, ADMIN, '/devices');
  await page.getByRole('table', { name: 'devices' }).getByRole('row').nth(20).waitFor();
  const [frames, scrolling] = await busyDuring(page, () => scrollFrames(page, SCROLL_SECONDS));
  const late = frames.filter((ms) => ms > 1.5 * FRAME_MS).length;
  console.log(`\n${PHONES} rows, ${SCROLL_SECONDS} s of scrolling at 90 px a frame:`);
  console.log(`- frames: ${frames.length}, median ${percentile(frames, 0.5).toFixed(1)} ms`);
  console.log(`- p95 ${percentile(frames, 0.95).toFixed(1)} ms, worst ${Math.max(...frames).toFixed(1)} ms`);
  console.log(`- later than one and a half frames: ${late}`);
  console.log(`- CPU time of the page for each frame: ${perOne(scrolling, frames.length)}`);
  await page.getByRole('searchbox').focus();
  const [, searching] = await busyDuring(page, async () => {
    for (const key of SEARCHED) {
      await page.keyboard.press(key === ' ' ? 'Space' : key);
      await painted(page);
    }
  });
  // Shorter ones than a frame are not told.
  const { inputs } = await readSeen(page);
  const slow =
    inputs.length === 0 ? '16 ms at most' : `${percentile(inputs, 0.5)} ms, worst ${Math.max(...inputs)} ms`;
  console.log(
    `- a key in the search until its result is painted: ${slow} (${inputs.length} of ${SEARCHED.length} above 16 ms)`,
  );
  console.log(`- CPU time of the page for each key: ${perOne(searching, SEARCHED.length)}`);
  await context.close();
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
