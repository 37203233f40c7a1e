import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Logger } from '@pocketproxy/runtime';
import { create } from 'tar';
import { connect, type DatabaseAddress } from '../db/database.ts';
import { saveTables } from './database-copy.ts';
import {
  BACKUP_FORMAT,
  BackupError,
  FILES_FOLDER,
  MANIFEST_FILE,
  type Manifest,
  TABLES_FOLDER,
} from './manifest.ts';

/** What of the data directory cannot be made again. */
export const SAVED_FILES = ['ca', 'server.key', '.env', 'simulated-phone'] as const;

export interface BackupOptions {
  readonly dataDir: string;
  readonly address: DatabaseAddress;
  /** Of the archive that is made; must not exist. */
  readonly file: string;
  readonly now: Date;
  readonly log: Logger;
}

/** What was saved. */
export interface BackupSummary {
  readonly file: string;
  readonly bytes: number;
  readonly tables: number;
  readonly rows: number;
}

/**
 * Saves database, keys and settings into one archive, while the server runs or not. The archive is complete or not
 * there at all.
 * @throws {BackupError} when the file exists or cannot be written
 */
export async function createBackup(options: BackupOptions): Promise<BackupSummary> {
  const file = resolve(options.file);
  if (await exists(file))
    throw new BackupError(`${file} exists already. Name another file, or move it away.`);
  const staging = await mkdtemp(join(dirname(file), `.${basename(file)}-`)).catch((error: Error) => {
    throw new BackupError(`${dirname(file)} cannot be written to: ${error.message}`, { cause: error });
  });
  try {
    const manifest = await collect(options, staging);
    const draft = join(staging, 'archive');
    const entries = [MANIFEST_FILE, TABLES_FOLDER, FILES_FOLDER];
    await create({ gzip: true, file: draft, cwd: staging, mode: 0o600, portable: true }, entries);
    await rename(draft, file);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    return { file, bytes: (await stat(file)).size, tables: manifest.tables.length, rows };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function collect({ dataDir, address, now, log }: BackupOptions, staging: string): Promise<Manifest> {
  const tablesFolder = join(staging, TABLES_FOLDER);
  const filesFolder = join(staging, FILES_FOLDER);
  await mkdir(tablesFolder);
  await mkdir(filesFolder);
  const client = connect({ address, log, maxConnections: 1 });
  try {
    const saved = await saveTables(client, tablesFolder);
    for (const name of SAVED_FILES) {
      const source = join(dataDir, name);
      if (await exists(source)) await cp(source, join(filesFolder, name), { recursive: true });
    }
    const manifest: Manifest = {
      ...{ program: 'pocketproxy', format: BACKUP_FORMAT, createdAt: now.toISOString() },
      ...{ migrations: saved.migrations, tables: [...saved.tables] },
    };
    await writeFile(join(staging, MANIFEST_FILE), JSON.stringify(manifest, null, 2));
    return manifest;
  } finally {
    await client.end({ timeout: 2 });
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
