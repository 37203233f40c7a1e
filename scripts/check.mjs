import { spawn } from 'node:child_process';
import { bootstrap, inRoot } from './bootstrap.mjs';

/** @typedef {{ name: string, script: string, args: string[] }} Check */

/** @type {Check[]} */
const CHECKS = [
  { name: 'types', script: 'node_modules/typescript/bin/tsc', args: ['--project', '.', '--pretty'] },
  {
    name: 'types of the dashboard',
    script: 'node_modules/typescript/bin/tsc',
    args: ['--project', 'packages/dashboard', '--pretty'],
  },
  {
    name: 'format and lint',
    script: 'node_modules/@biomejs/biome/bin/biome',
    args: [process.env.CI ? 'ci' : 'check', '--error-on-warnings', '--colors=off', '.'],
  },
  {
    name: 'import boundaries and cycles',
    script: 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.mjs', '--output-type', 'err', 'packages', 'e2e', 'bench'],
  },
  { name: 'lockfile', script: 'scripts/complete-lockfile.mjs', args: ['--check'] },
  { name: 'migrations', script: 'scripts/check-migrations.mjs', args: [] },
  {
    name: 'unused code',
    script: 'node_modules/knip/bin/knip.js',
    args: ['--no-progress', '--no-config-hints'],
  },
];

const node = await bootstrap(null);
const failures = await runAll();
console.log(failures.length === 0 ? 'All checks passed' : `Failed: ${failures.join(', ')}`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Runs every check, two at a time, and shows what each has found; a failure hides no other. */
async function runAll() {
  const waiting = [...CHECKS];
  /** @type {string[]} */
  const failed = [];
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { ok, output, seconds } = await run(check);
      console.log(`${ok ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)`);
      if (!ok) {
        failed.push(check.name);
        console.log(`${output.trimEnd()}\n`);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return failed;
}

/**
 * @param {Check} check
 * @returns {Promise<{ ok: boolean, output: string, seconds: string }>}
 */
function run(check) {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(node, [inRoot(check.script), ...check.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ ok: code === 0, output, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) });
    });
  });
}
