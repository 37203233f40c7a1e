import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLogger } from '@pocketproxy/runtime';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { findPostgresBinaries } from './embedded-postgres-binaries.ts';
import { migrateDatabase } from './migrate.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/pocketproxy', import.meta.url));

/**
 * Folder of an empty, migrated cluster that no server runs on, to be copied: making one takes two seconds of processor
 * time, which each of a hundred test files would spend again. It is kept until a migration or PostgreSQL changes.
 */
export async function databaseTemplate(): Promise<string> {
  const folder = join(CACHE, `database-${await fingerprint()}`);
  if (!(await exists(folder))) await make(folder);
  return folder;
}

/** Puts a copy into a data directory that has no cluster yet. Its owner, who is not root, stays its owner. */
export async function copyDatabase(template: string, dataDir: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', template, join(dataDir, 'postgres')]);
}

async function make(folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const log = silentLogger();
  const dataDir = await mkdtemp(join(tmpdir(), 'pocketproxy-template-'));
  // As root, the database's own user has to get in.
  await chmod(dataDir, 0o711);
  const draft = `${folder}.${process.pid}`;
  try {
    const server = await startEmbeddedPostgres({ dataDir, log });
    try {
      await migrateDatabase(server.connection, log);
    } finally {
      await server.stop();
    }
    await promisify(execFile)('cp', ['-a', join(dataDir, 'postgres'), draft]);
    // Whole at once; where another process was quicker, its own is as good.
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Of all that a cluster depends on: who runs it, PostgreSQL itself, and the migrations. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const binaries = await findPostgresBinaries(join(tmpdir(), 'pocketproxy-postgres-lib'));
  const { size, mtimeMs } = await stat(binaries.postgres);
  hash.update(`${process.getuid?.()} ${binaries.postgres} ${size} ${mtimeMs}`);
  for (const name of (await readdir(MIGRATIONS)).filter((one) => one.endsWith('.sql')).sort()) {
    hash.update(`\0${name}\0`).update(await readFile(join(MIGRATIONS, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
