import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataDirLock, DataDirLockedError, lockHolder } from './data-dir-lock.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pocketproxy-lock-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('a second process is refused and told who holds the data directory', async () => {
  const lock = await DataDirLock.acquire(dataDir, 0);
  const refused = DataDirLock.acquire(dataDir, 0);
  await expect(refused).rejects.toThrow(DataDirLockedError);
  await expect(refused).rejects.toThrow(`process ${process.pid}`);
  lock.release();
  (await DataDirLock.acquire(dataDir, 0)).release();
});

test('a predecessor that is stopping is waited for', async () => {
  const lock = await DataDirLock.acquire(dataDir, 0);
  const next = DataDirLock.acquire(dataDir, 5_000);
  lock.release();
  (await next).release();
});

test.each([
  [
    'of a process that is gone',
    JSON.stringify({ pid: 4_194_305, started: null, token: 'x', database: null }),
  ],
  [
    'of a process whose id another one has by now',
    JSON.stringify({ pid: process.pid, started: 'earlier', token: 'x', database: null }),
  ],
  ['that is damaged', '{'],
])('a lock %s counts for nothing', async (_, content) => {
  await writeFile(join(dataDir, 'server.lock'), content);
  expect(await lockHolder(dataDir)).toBeNull();
  (await DataDirLock.acquire(dataDir, 0)).release();
});

test('of many that find a stale lock exactly one gets it', async () => {
  await writeFile(join(dataDir, 'server.lock'), '{}');
  const attempts = await Promise.allSettled(
    Array.from({ length: 20 }, () => DataDirLock.acquire(dataDir, 0)),
  );
  expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
});

test('the holder tells how its database is reached, and takes only its own lock away', async () => {
  const lock = await DataDirLock.acquire(dataDir, 0);
  const database = { host: '/run/x', port: 5432, username: 'a', database: 'b' };
  await lock.announceDatabase(database);
  expect(await lockHolder(dataDir)).toMatchObject({ pid: process.pid, database });
  await writeFile(join(dataDir, 'server.lock'), '{"foreign":true}');
  lock.release();
  expect(await readFile(join(dataDir, 'server.lock'), 'utf8')).toBe('{"foreign":true}');
});
