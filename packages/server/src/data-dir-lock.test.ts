import { mkdtemp, rm } from 'node:fs/promises';
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

test('the holder tells how its database is reached', async () => {
  const lock = await DataDirLock.acquire(dataDir, 0);
  expect(await lockHolder(dataDir)).toEqual({ pid: process.pid, database: null });
  const database = { host: '/run/x', port: 5432, username: 'a', database: 'b' };
  await lock.announceDatabase(database);
  expect(await lockHolder(dataDir)).toEqual({ pid: process.pid, database });
  lock.release();
  expect(await lockHolder(dataDir)).toBeNull();
});
