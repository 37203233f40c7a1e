import { bootstrap, inRoot } from './bootstrap.mjs';
import { runChild } from './run-child.mjs';

const node = await bootstrap('start');
process.exitCode = await runChild(node, [
  inRoot('packages/server/src/cli.ts'),
  'start',
  ...process.argv.slice(2),
]);
