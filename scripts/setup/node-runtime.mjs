import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './run-quietly.mjs';

const NEEDED_MAJOR = 26;

/**
 * The Node.js that runs PocketProxy: the pinned one that npm has installed, or this one if it is new enough.
 * @param {string} root
 * @returns {string} its path
 */
export function findNode(root) {
  const installed = join(root, 'node_modules/.bin/node');
  if (existsSync(installed)) return realpathSync(installed);
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  throw new SetupError(
    `PocketProxy needs Node.js ${NEEDED_MAJOR} or later, and this is ${process.versions.node}. npm brings it along on ` +
      `Linux (x64, arm64) only, so on ${process.platform}-${process.arch} please install it yourself, for example ` +
      `from https://nodejs.org, and run the same command again.`,
  );
}
