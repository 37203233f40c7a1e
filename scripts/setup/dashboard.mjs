import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withProgress } from './progress.mjs';
import { runQuietly } from './run-quietly.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'packages/dashboard');
/** Everything that the built files are made from; a changed version of a library is in the lockfile. */
const SOURCES = [
  'package-lock.json',
  'packages/dashboard/index.html',
  'packages/dashboard/package.json',
  'packages/dashboard/public',
  'packages/dashboard/src',
  'packages/dashboard/vite.config.ts',
  'packages/protocol/package.json',
  'packages/protocol/src',
];

/**
 * Builds the dashboard into `packages/dashboard/dist`, unless that was made from the same sources already.
 * @param {string} node the Node.js that runs the build
 * @throws {import('./run-quietly.mjs').SetupError} with what the build printed
 */
export async function buildDashboard(node) {
  const stamp = join(FOLDER, 'dist/.sources');
  const now = fingerprint(SOURCES.map((path) => join(ROOT, path)));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  await withProgress('Building the dashboard', () =>
    runQuietly(node, [vite, 'build', FOLDER, '--logLevel', 'warn'], {
      ...process.env,
      NODE_ENV: 'production',
    }),
  );
  mkdirSync(join(FOLDER, 'dist'), { recursive: true });
  writeFileSync(stamp, now);
}

/**
 * A hash over names and contents.
 * @param {readonly string[]} paths files and folders
 * @returns {string}
 */
function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesOf)) {
    hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]} the file, or the files in the folder, in order
 */
function filesOf(path) {
  const folder = readFolder(path);
  if (folder === null) return [path];
  return folder
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesOf(join(path, entry.name)))
    .filter((file) => !/[.]test[.]tsx?$/.test(file));
}

/** @param {string} path */
function readFolder(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return null;
  }
}
