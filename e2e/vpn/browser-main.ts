import { chromium } from 'playwright-core';

/** Loads the big page in Chromium and prints what it has loaded: `{failed: number[], loaded: number[]}`. */
const [executablePath = '', url = '', resources = '0'] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-sync',
  ],
});
try {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(`window.loaded.length + window.failed.length >= ${Number(resources)}`);
  console.log(JSON.stringify(await page.evaluate('({ failed: window.failed, loaded: window.loaded })')));
} finally {
  await browser.close();
}
