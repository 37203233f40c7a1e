import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot } from './bootstrap.mjs';
import { runQuietly } from './setup/run-quietly.mjs';

// Whether the committed migrations lead to the schema in the code: has the next one written aside, and looks whether
// there was anything to write.
const server = inRoot('packages/server');
const committed = join(server, 'src/db/migrations');
const aside = mkdtempSync(inRoot('node_modules/.migrations-'));
try {
  const out = join(aside, 'migrations');
  cpSync(committed, out, { recursive: true });
  // drizzle-kit takes every path relative to the folder in which it runs.
  process.chdir(server);
  const config = join(aside, 'drizzle.config.ts');
  writeFileSync(
    config,
    `import config from ${JSON.stringify(join(server, 'drizzle.config.ts'))};
     export default { ...config, out: ${JSON.stringify(`./${relative(server, out)}`)} };`,
  );
  await runQuietly(process.execPath, [
    inRoot('node_modules/drizzle-kit/bin.cjs'),
    'generate',
    `--config=${relative(server, config)}`,
  ]);
  const known = new Set(readdirSync(committed));
  const missing = readdirSync(out).filter((name) => !known.has(name));
  if (missing.length > 0) {
    console.log('The schema has changed, and a migration is missing:\n');
    for (const name of missing) console.log(readFileSync(join(out, name), 'utf8'));
    console.log('Run in packages/server: npx drizzle-kit generate --name <what>');
    process.exitCode = 1;
  }
} finally {
  rmSync(aside, { recursive: true, force: true });
}
