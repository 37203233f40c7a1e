import { chromium } from 'playwright-core';

/**
 * Fetches a file over HTTP/3 in Chromium and prints what came of it: `{protocol, bytes, sha256}`. Arguments: path of
 * Chromium, URL of the file, and the SHA-256 of its server's public key (base64), which stands in for a known CA.
 */
const [executablePath = '', url = '', keyHash = ''] = process.argv.slice(2);
const { hostname, origin } = new URL(url);
const browser = await chromium.launch({
  executablePath,
  args: [
    ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    // Otherwise a site has to be visited over TCP first, and has to tell that it can do better.
    `--origin-to-force-quic-on=${hostname}:443`,
    `--ignore-certificate-errors-spki-list=${keyHash}`,
  ],
});

/** Runs in the page. */
async function load(wanted: string) {
  const content = await (await fetch(wanted)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  const [entry] = performance.getEntriesByName(wanted) as PerformanceResourceTiming[];
  return {
    protocol: entry?.nextHopProtocol ?? null,
    bytes: content.byteLength,
    sha256: [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
}

try {
  const page = await browser.newPage();
  await page.goto(`${origin}/index.html`);
  console.log(JSON.stringify(await page.evaluate(load, url)));
} finally {
  await browser.close();
}
