import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProgress } from './progress.mjs';
import { runQuietly } from './run-quietly.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean,
 *   os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/**
 * Installs exactly what `package-lock.json` says, if it is not there already.
 * @param {string} root
 */
export async function ensureNodeModules(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  if (wanted === null) throw new Error('package-lock.json is missing or damaged');
  // npm writes this file last: an interrupted installation does not have it.
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (installed !== null && isInstalled(wanted, installed)) return;
  const count = Object.keys(wanted).filter((path) => path.startsWith('node_modules/')).length;
  const [command, args] = npm();
  await withProgress(`Installing up to ${count} npm packages`, () =>
    runQuietly(
      command,
      [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'],
      // Set when npm runs us; it would hand our own options on to the inner run.
      { ...process.env, NODE_ENV: 'development' },
    ),
  );
}

/**
 * Whether everything in `wanted` that this machine can have is in `installed`, in that version.
 * @param {LockedPackages} wanted
 * @param {LockedPackages} installed
 * @returns {boolean}
 */
export function isInstalled(wanted, installed) {
  return Object.entries(wanted).every(([path, locked]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const there = installed[path];
    if (!there) return Boolean(locked.optional || locked.devOptional) && !isNativeHere(locked);
    return there.version === locked.version && there.integrity === locked.integrity;
  });
}

/**
 * Whether a package exists for the sake of this very platform. Other optional ones may be left out by npm.
 * @param {LockedPackage} locked
 */
function isNativeHere({ os, cpu, libc }) {
  return Boolean(os?.includes(process.platform) && cpu?.includes(process.arch) && !libc?.includes('musl'));
}

/**
 * @param {string} path
 * @returns {LockedPackages | null}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/** @returns {[string, string[]]} */
function npm() {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
}
