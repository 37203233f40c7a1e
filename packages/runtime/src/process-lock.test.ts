import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProcessLock } from './process-lock.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pp-lock-'));
  path = join(folder, 'a.lock');
});
afterEach(() => rm(folder, { recursive: true }));

async function take(note?: unknown): Promise<ProcessLock> {
  const lock = await ProcessLock.acquire(path, note);
  if (!(lock instanceof ProcessLock)) throw new Error(`held by ${lock.pid}`);
  return lock;
}

const content = (changes: object) =>
  JSON.stringify({ pid: process.pid, started: null, token: 'x', note: null, ...changes });

describe('a process lock', () => {
  it('is held by one, who tells something, and leaves nothing behind', async () => {
    expect(await ProcessLock.holder(path)).toBeNull();
    const lock = await take('hello');
    expect(await ProcessLock.acquire(path)).toMatchObject({ pid: process.pid, note: 'hello' });
    await lock.tell({ socket: '/run/x' });
    expect(await ProcessLock.holder(path)).toMatchObject({ pid: process.pid, note: { socket: '/run/x' } });
    lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['of a process that is gone', content({ pid: 2 ** 22 + 1 })],
    ['of an older process with the same id', content({ started: 'other boot 1' })],
    ['that is damaged', '{'],
    ['that is empty', ''],
  ])('%s counts for nothing', async (_what, text) => {
    await writeFile(path, text);
    expect(await ProcessLock.holder(path)).toBeNull();
    (await take()).release();
  });

  it.skipIf(process.platform !== 'linux')(
    'of a killed process that nobody has reaped counts for nothing',
    async () => {
      // The shell's child ends at once, and the shell, replaced by sleep, never waits for it.
      const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const pid = Number(String((await once(parent.stdout, 'data'))[0]));
      const state = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.[0];
      await expect.poll(state).toBe('Z');
      const { started } = JSON.parse(await lockTextOfThisProcess()) as { started: string };
      await writeFile(path, content({ pid, started }));
      expect(await ProcessLock.holder(path)).toBeNull();
      parent.kill();
    },
  );

  it.each([
    ['a stale one', content({ pid: 2 ** 22 + 1 })],
    ['a damaged one', '{}'],
  ])('has one winner when many find %s', async (_what, text) => {
    for (let round = 0; round < 30; round += 1) {
      await writeFile(path, text);
      const attempts = await Promise.all(Array.from({ length: 20 }, () => ProcessLock.acquire(path)));
      const winners = attempts.filter((lock) => lock instanceof ProcessLock);
      expect(winners).toHaveLength(1);
      expect(await readdir(folder)).toEqual(['a.lock']);
      winners[0]!.release();
    }
  });

  it('is taken over although another was killed while it took it over', async () => {
    const dead = { pid: 2 ** 22 + 1 };
    await writeFile(path, content({ ...dead, token: 'first' }));
    await writeFile(`${path}.first`, content({ ...dead, token: 'second' }));
    await writeFile(`${path}.first.second`, content({ ...dead, token: 'third' }));
    (await take()).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('that another took over is not released', async () => {
    const lock = await take();
    await writeFile(path, 'foreign');
    lock.release();
    expect(await readFile(path, 'utf8')).toBe('foreign');
  });
});

async function lockTextOfThisProcess(): Promise<string> {
  const lock = await take();
  const text = await readFile(path, 'utf8');
  lock.release();
  return text;
}
