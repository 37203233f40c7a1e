import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, inRoot } from './bootstrap.mjs';
import { runChild } from './run-child.mjs';

// Arguments are vitest's own: names of files, `-t <name>`, `--project unit`.
const node = await bootstrap('test');
const folder = mkdtempSync(join(tmpdir(), 'pocketproxy-tests-'));
const summaryFile = join(folder, 'summary.json');
try {
  const code = await runChild(
    node,
    [inRoot('node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)],
    // Not a name of ours: servers under test would take it for a misspelt setting.
    { ...process.env, TEST_SUMMARY_FILE: summaryFile },
  );
  const summary = readSummary();
  for (const line of summary.skips) console.log(`skipped: ${line}`);
  for (const line of summary.unsteady) console.log(`passed when tried again: ${line}`);
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  process.exitCode = code !== 0 ? code : summary.failed > 0 || summary.passed === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns {import('./test-summary-reporter.mjs').TestSummary} */
function readSummary() {
  try {
    return JSON.parse(readFileSync(summaryFile, 'utf8'));
  } catch {
    // The runner ended before it could say anything: that is a failure, too.
    return { passed: 0, failed: 1, skipped: 0, skips: [], unsteady: [] };
  }
}
