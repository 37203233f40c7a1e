import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './bootstrap.mjs';
import { missingEntries } from './setup/lockfile.mjs';

// Run after a dependency was added or updated; `--check` changes nothing and fails where that was forgotten.
const path = inRoot('package-lock.json');
const lockfile = JSON.parse(readFileSync(path, 'utf8'));
const missing = missingEntries(lockfile.packages);
const names = Object.keys(missing);
if (names.length === 0) {
  console.log('package-lock.json is complete');
} else if (process.argv.includes('--check')) {
  console.log(`package-lock.json lacks packages of other platforms:\n  ${names.join('\n  ')}`);
  console.log('Run: node scripts/complete-lockfile.mjs');
  process.exitCode = 1;
} else {
  const sorted = Object.entries({ ...lockfile.packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(path, `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`Added ${names.length} packages of other platforms to package-lock.json`);
}
