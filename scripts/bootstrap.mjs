import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboard } from './setup/dashboard.mjs';
import { ensureNodeModules } from './setup/node-modules.mjs';
import { findNode } from './setup/node-runtime.mjs';
import { say } from './setup/progress.mjs';
import { SetupError } from './setup/run-quietly.mjs';
import { ensureSystemPackages } from './setup/system-packages.mjs';

/** The repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Brings a fresh clone to the point where it can run; costs a few milliseconds when it is there already. Runs on
 * Node.js 20 with nothing installed, so it and what it imports use Node.js alone.
 * @param {import('./setup/system-packages.mjs').Purpose | null} purpose which system programs are wanted
 * @returns {Promise<string>} the Node.js to run everything else with
 */
export async function bootstrap(purpose) {
  try {
    process.chdir(ROOT);
    await ensureNodeModules(ROOT);
    const node = findNode(ROOT);
    if (purpose !== null) await ensureSystemPackages(purpose);
    if (purpose === 'start' || purpose === 'test') await buildDashboard(node);
    return node;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`\nSet-up failed. ${error.message}`);
    process.exit(1);
  }
}

/**
 * Path of a file of the repository.
 * @param {...string} parts
 */
export function inRoot(...parts) {
  return join(ROOT, ...parts);
}
