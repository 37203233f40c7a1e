import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@pocketproxy/runtime';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect, type DatabaseAddress } from '../db/database.ts';
import { startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { knownMigrations, migrateDatabase } from '../db/migrate.ts';
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { insertConnection, insertDevice, insertRelay } from '../db/test-rows.ts';
import { createBackup } from './create-backup.ts';
import { BackupError } from './manifest.ts';
import { restoreBackup } from './restore-backup.ts';

const log = silentLogger();
const now = new Date('2026-11-24T10:00:00.000Z');
const ODD = 'tab\there, line\nbreak, back\\slash, \u{1f4f1}, \\N';

let source: TestDatabase;
let dataDir: string;

beforeAll(async () => {
  source = await startTestDatabase();
  const { db } = source.database;
  const device = await insertDevice(db, await insertRelay(db), { name: ODD, capabilities: ['tcp', 'a "b"'] });
  await insertConnection(db, device, { allowlist: ['198.51.100.0/24'] });
  dataDir = await newFolder();
  await writeFile(join(dataDir, 'server.key'), 'the key\n', { mode: 0o600 });
  await mkdir(join(dataDir, 'ca'));
  await writeFile(join(dataDir, 'ca/ca.pem'), 'the certificate');
  await writeFile(join(dataDir, 'server.lock'), 'not worth saving');
});

afterAll(async () => {
  await source.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pocketproxy-backup-'));
  // As root, the database's own user has to get in.
  await chmod(path, 0o711);
  return path;
}

async function freshFolder(): Promise<string> {
  const path = await newFolder();
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function backupOf(address: DatabaseAddress): Promise<string> {
  const file = join(await freshFolder(), 'backup.tar.gz');
  await createBackup({ dataDir, address, file, now, log });
  return file;
}

async function startIn(folder: string): Promise<DatabaseAddress> {
  const embedded = await startEmbeddedPostgres({ dataDir: folder, log });
  onTestFinished(() => embedded.stop());
  return embedded.connection;
}

async function restore(file: string, folder: string): Promise<DatabaseAddress> {
  let address: DatabaseAddress | undefined;
  const openDatabase = async () => {
    address = await startIn(folder);
    return address;
  };
  await restoreBackup({ file, dataDir: folder, log, openDatabase });
  return address!;
}

/** Every row of every table, as text. */
async function contents(address: DatabaseAddress): Promise<Record<string, readonly unknown[]>> {
  const client = connect({ address, log, maxConnections: 1 });
  try {
    const tables = await client<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'public' order by 1`;
    const rows = await Promise.all(
      tables.map(async ({ name }) => [name, [...(await client`select * from ${client(name)}`)]] as const),
    );
    return Object.fromEntries(rows);
  } finally {
    await client.end();
  }
}

test('brings back every row and every key', async () => {
  const file = await backupOf(source.database.address);
  const folder = await freshFolder();
  const restored = await contents(await restore(file, folder));
  expect(restored).toEqual(await contents(source.database.address));
  expect(restored.devices).toMatchObject([{ name: ODD }]);
  expect(await readFile(join(folder, 'server.key'), 'utf8')).toBe('the key\n');
  expect(await readFile(join(folder, 'ca/ca.pem'), 'utf8')).toBe('the certificate');
  expect(await readdir(folder)).not.toContain('server.lock');
  // What holds keys is for its owner alone.
  expect((await stat(file)).mode & 0o077).toBe(0);
  for (const path of ['server.key', 'ca/ca.pem']) {
    expect((await stat(join(folder, path))).mode & 0o077).toBe(0);
  }
});

test('brings a backup of an older version up to date', async () => {
  const old = await startIn(await freshFolder());
  await migrateDatabase(old, log, 1);
  const client = connect({ address: old, log, maxConnections: 1 });
  await client`insert into settings (name, value) values ('kept', 'yes')`;
  await client.end();
  const restored = await restore(await backupOf(old), await freshFolder());
  expect((await contents(restored)).settings).toEqual([{ name: 'kept', value: 'yes' }]);
  const check = connect({ address: restored, log, maxConnections: 1 });
  onTestFinished(() => check.end());
  expect(await check`select count(*)::int as count from drizzle.__drizzle_migrations`).toEqual([
    { count: await knownMigrations() },
  ]);
});

test('overwrites neither an archive nor what a server has', async () => {
  const { address } = source.database;
  const file = await backupOf(address);
  await expect(createBackup({ dataDir, address, file, now, log })).rejects.toBeInstanceOf(BackupError);
  const never = () => Promise.reject(new Error('must not be asked'));
  await expect(restoreBackup({ file, dataDir, log, openDatabase: never })).rejects.toBeInstanceOf(
    BackupError,
  );
});

test('refuses what is no backup, and leaves the folder as it was', async () => {
  const folder = await freshFolder();
  const file = join(await freshFolder(), 'broken.tar.gz');
  const whole = await readFile(await backupOf(source.database.address));
  const never = () => Promise.reject(new Error('must not be asked'));
  for (const bytes of [Buffer.from('not an archive'), whole.subarray(0, whole.length / 2)]) {
    await writeFile(file, bytes);
    const restoring = restoreBackup({ file, dataDir: folder, log, openDatabase: never });
    await expect(restoring).rejects.toBeInstanceOf(BackupError);
    expect(await readdir(folder)).toEqual([]);
  }
});
