import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const QUICK_IMPORTS = new URL('./quick-imports.ts', import.meta.url).href;
/** Each kind of file that a module can import, and packages that look alike from where they are imported. */
const FILES = {
  'package.json': '{ "type": "module" }',
  'main.ts': `
    import data from './data.json' with { type: 'json' };
    import common from './common/index.js';
    import explicit from './explicit.cjs';
    import { extension } from './extension.mjs';
    import { typed } from './typed.ts';
    import { version } from 'other';
    import { version as nested } from './nested/module.js';
    const missing = await import('./missing.ts').then(() => 'found', () => 'missing');
    console.log(JSON.stringify({ data, common, explicit, extension, typed, version, nested, missing }));`,
  'data.json': '"data"',
  'common/package.json': '{ "type": "commonjs" }',
  'common/index.js': "module.exports = require('./without-extension');",
  'common/without-extension.js': "module.exports = 'common';",
  'explicit.cjs': "module.exports = 'explicit';",
  'extension.mjs': "export const extension = 'extension';",
  'typed.ts': "export const typed: string = 'typed';",
  'node_modules/other/package.json': '{ "exports": { "import": "./one.mjs" } }',
  'node_modules/other/one.mjs': 'export const version = 1;',
  'nested/package.json': '{ "type": "module" }',
  'nested/module.js': "export { version } from 'other';",
  'nested/node_modules/other/package.json': '{ "exports": { "import": "./two.mjs" } }',
  'nested/node_modules/other/two.mjs': 'export const version = 2;',
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pp-imports-'));
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('every kind of file is found and understood as Node.js does', async () => {
  const run = async (script: string) =>
    JSON.parse((await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])).stdout);
  const load = `await import(${JSON.stringify(join(folder, 'main.ts'))});`;
  const quick = await run(`const q = await import('${QUICK_IMPORTS}'); q.quickenImports(); ${load}`);
  expect(quick).toEqual(await run(load));
  expect(quick).toMatchObject({ common: 'common', version: 1, nested: 2, missing: 'missing' });
});
