import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, inRoot } from './bootstrap.mjs';
import { runChild } from './run-child.mjs';
import { summarize, worthASecondTry } from './second-try.mjs';

// Arguments are vitest's own: names of files, `-t <name>`, `--project unit`.
const node = await bootstrap('test');
const folder = mkdtempSync(join(tmpdir(), 'pocketproxy-tests-'));
try {
  const first = await runTests('first', process.argv.slice(2));
  const again = worthASecondTry(first.result);
  if (again.length > 0) console.log(`\nTrying once more, one by one:\n${again.join('\n')}\n`);
  const second = again.length > 0 ? await runTests('second', ['--no-file-parallelism', ...again]) : undefined;
  const summary = summarize(first.result, second?.result);
  for (const line of summary.skips) console.log(`skipped: ${line}`);
  for (const line of summary.unsteady) console.log(`passed when tried again: ${line}`);
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  const { code } = second ?? first;
  process.exitCode = code !== 0 ? code : summary.failed > 0 || summary.passed === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 */
async function runTests(name, args) {
  const file = join(folder, `${name}.json`);
  const code = await runChild(
    node,
    [inRoot('node_modules/vitest/vitest.mjs'), 'run', ...args],
    // Not a name of ours: servers under test would take it for a misspelt setting.
    { ...process.env, TEST_SUMMARY_FILE: file },
  );
  return { code, result: readResult(file) };
}

/**
 * @param {string} file
 * @returns {import('./test-summary-reporter.mjs').RunResult}
 */
function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The runner ended before it could say anything: that is a failure, too.
    return { files: [], errors: 1 };
  }
}
