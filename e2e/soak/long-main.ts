/**
 * Runs a test in its long form, by which the numbers of docs/reliability.md were measured:
 * `node e2e/soak/long-main.ts <file of e2e, without .test.ts> [--rounds N]`, or `all` for every file that has one. Exits with
 * the status of the test runner.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MEASURING } from '../vitest.config.ts';

const E2E = join(import.meta.dirname, '..');
const ROOT = join(E2E, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' } },
});

/** Names of test files that can do more than they do in the suite. */
function withLongForm(): string[] {
  return readdirSync(E2E)
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => readFileSync(join(E2E, file), 'utf8').includes("from './harness/effort.ts'"))
    .map((file) => file.replace(/\.test\.ts$/, ''));
}

function usage(): never {
  const names = withLongForm().join(', ');
  console.error(`Usage: node e2e/soak/long-main.ts <name|all> [--rounds N]\nNames: ${names}`);
  process.exit(2);
}

async function run(name: string): Promise<number> {
  const file = `${name}.test.ts`;
  const project = MEASURING.includes(file) ? 'measured' : 'e2e';
  const argv = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, `e2e/${file}`];
  const env = { ...process.env, E2E_LONG: '1', ...(values.rounds && { E2E_ROUNDS: values.rounds }) };
  const child = spawn(process.execPath, argv, { cwd: ROOT, env, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

const [name, ...others] = positionals;
const all = withLongForm();
if (name === undefined || others.length > 0 || (name !== 'all' && !all.includes(name))) usage();
if (values.rounds !== undefined && !/^[1-9]\d{0,5}$/.test(values.rounds)) usage();
let failed = 0;
for (const one of name === 'all' ? all : [name]) failed += (await run(one)) === 0 ? 0 : 1;
process.exitCode = failed === 0 ? 0 : 1;
