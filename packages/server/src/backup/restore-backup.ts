import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from '@pocketproxy/runtime';
import { extract } from 'tar';
import { connect, type DatabaseAddress } from '../db/database.ts';
import { knownMigrations, migrateDatabase } from '../db/migrate.ts';
import { isUnused, loadTables } from './database-copy.ts';
import {
  BACKUP_FORMAT,
  BackupError,
  FILES_FOLDER,
  MANIFEST_FILE,
  type Manifest,
  manifestSchema,
  TABLES_FOLDER,
} from './manifest.ts';

export interface RestoreOptions {
  readonly file: string;
  /** Gets keys and settings; must not hold any yet. */
  readonly dataDir: string;
  readonly log: Logger;
  /** Starts the database, once keys and settings are in place, and answers how to reach it. */
  openDatabase(): Promise<DatabaseAddress>;
}

/**
 * Brings back what `createBackup` saved, into a data directory and a database that nobody has used. An archive of an
 * older version is brought up to date.
 * @throws {BackupError} when the archive cannot be read, or something would be overwritten
 */
export async function restoreBackup({ file, dataDir, log, openDatabase }: RestoreOptions): Promise<Manifest> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await refuseUsed(dataDir);
  const staging = await mkdtemp(join(dataDir, '.restore-'));
  try {
    await unpack(resolve(file), staging);
    const manifest = await readManifest(staging);
    const address = await openDatabase();
    await fillDatabase(address, manifest, join(staging, TABLES_FOLDER), log);
    // Last: a restore that failed half-way can be tried again.
    for (const name of await readdir(join(staging, FILES_FOLDER))) {
      await cp(join(staging, FILES_FOLDER, name), join(dataDir, name), { recursive: true });
    }
    await closeToOthers(dataDir);
    return manifest;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function fillDatabase(
  address: DatabaseAddress,
  { migrations, tables }: Manifest,
  folder: string,
  log: Logger,
): Promise<void> {
  const client = connect({ address, log, maxConnections: 1 });
  try {
    if (!(await isUnused(client))) {
      throw new BackupError('The database is in use already: a backup is restored into an empty one only.');
    }
    await migrateDatabase(address, log, migrations);
    await loadTables(client, folder, tables);
    await migrateDatabase(address, log);
  } finally {
    await client.end({ timeout: 2 });
  }
}

async function refuseUsed(dataDir: string): Promise<void> {
  const used = (await readdir(dataDir)).filter((name) => name === 'ca' || name === 'server.key');
  if (used.length === 0) return;
  throw new BackupError(
    `${dataDir} is in use already (it holds ${used.join(' and ')}). ` +
      'Move it away, or set POCKETPROXY_DATA_DIR to an empty folder.',
  );
}

async function unpack(file: string, staging: string): Promise<void> {
  try {
    await extract({ file, cwd: staging, strict: true, preservePaths: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError(`${file} is not a backup that can be read: ${reason}`, { cause: error });
  }
}

async function readManifest(staging: string): Promise<Manifest> {
  const text = await readFile(join(staging, MANIFEST_FILE), 'utf8').catch(() => '');
  const manifest = manifestSchema.safeParse(safeJson(text)).data;
  if (!manifest)
    throw new BackupError('The archive is not a backup of PocketProxy: its manifest is missing or wrong.');
  const known = await knownMigrations();
  if (manifest.format > BACKUP_FORMAT || manifest.migrations > known) {
    throw new BackupError('The backup was made by a newer version of PocketProxy. Update this one first.');
  }
  return manifest;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Keys are for their owner alone, whatever the archive went through. */
async function closeToOthers(dataDir: string): Promise<void> {
  for (const name of ['ca', 'server.key', '.env', 'simulated-phone']) {
    const path = join(dataDir, name);
    const entries = await readdir(path).catch(() => null);
    if (entries === null) await chmod(path, 0o600).catch(() => {});
    else {
      await chmod(path, 0o700);
      for (const entry of entries) await chmod(join(path, entry), 0o600);
    }
  }
}
