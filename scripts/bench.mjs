import { bootstrap, inRoot } from './bootstrap.mjs';
import { runChild } from './run-child.mjs';

const node = await bootstrap('bench');
process.exitCode = await runChild(node, [inRoot('bench/main.ts'), ...process.argv.slice(2)]);
