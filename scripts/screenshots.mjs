import { bootstrap, inRoot } from './bootstrap.mjs';
import { runChild } from './run-child.mjs';

// Pictures of every page into docs/screenshots; arguments are parts of names of pages.
const node = await bootstrap('test');
process.exitCode = await runChild(node, [
  inRoot('e2e/dashboard/screenshots-main.ts'),
  ...process.argv.slice(2),
]);
