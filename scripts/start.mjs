import { bootstrap, inRoot } from './bootstrap.mjs';
import { runChild } from './run-child.mjs';

const node = await bootstrap('start');
const args = [inRoot('packages/server/src/cli.ts'), 'start', ...process.argv.slice(2)];
// What Node.js has compiled once is kept: the second start is quicker.
const env = { NODE_COMPILE_CACHE: inRoot('node_modules/.cache/node'), ...process.env };
process.exitCode = await runChild(node, args, env);
