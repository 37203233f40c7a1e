import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RealClock, silentLogger } from '@pocketproxy/runtime';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { clearLeftovers, parentMark } from './embedded-postgres-leftover.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pp-leftover-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** A clock on which each look takes a second, so that every limit is soon over. */
class HastyClock extends RealClock {
  #now = 0;

  override monotonic(): number {
    this.#now += 1_000;
    return this.#now;
  }
}

/**
 * Starts a program that has a postmaster's command line and lock file, and says which signals it got. Its parent,
 * which is also the one on its command line, exits at once if `orphan`.
 */
async function standIn(script: string, orphan: boolean) {
  const parent = spawn('/bin/sh', ['-c', orphan ? `${STAND_IN} &` : `${STAND_IN} & wait`], {
    env: {
      ...process.env,
      NODE: process.execPath,
      SCRIPT: script,
      DIR: dir,
      MARK: parentMark(0).slice(0, -2),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
  const pid = Number((await lines.next()).value);
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  if (orphan && parent.exitCode === null) await once(parent, 'exit');
  await writeFile(join(dir, 'postmaster.pid'), `${pid}\n`);
  return { pid, parent, nextLine: async () => (await lines.next()).value as string | undefined };
}

const STAND_IN = '"$NODE" -e "$SCRIPT" -- -D "$DIR" -c "cluster_name=$MARK$$." end';
const OBEDIENT = `
  process.on('SIGINT', () => { console.log('SIGINT'); process.exit(); });
  console.log(process.pid); setInterval(() => {}, 60_000);`;
const STUBBORN = `
  process.on('SIGINT', () => {}); process.on('SIGQUIT', () => {});
  console.log(process.pid); setInterval(() => {}, 60_000);`;

const clear = (clock = new RealClock()) =>
  clearLeftovers(dir, join(dir, '.s.PGSQL.5432'), { log: silentLogger(), clock, onWait: () => {} });
const exists = (name: string) =>
  access(join(dir, name)).then(
    () => true,
    () => false,
  );

it('asks an orphan to shut down fast, and waits for its end', async () => {
  const orphan = await standIn(OBEDIENT, true);
  await clear();
  expect(await orphan.nextLine()).toBe('SIGINT');
  expect(await orphan.nextLine()).toBeUndefined();
  expect(await exists('postmaster.pid')).toBe(false);
});

it('kills an orphan that does not end', async () => {
  const orphan = await standIn(STUBBORN, true);
  await clear(new HastyClock());
  expect(await orphan.nextLine()).toBeUndefined();
});

it('refuses while the server that started it lives', async () => {
  const { pid, parent, nextLine } = await standIn(OBEDIENT, false);
  await expect(clear()).rejects.toMatchObject({ code: 'data_directory_in_use' });
  expect(await exists('postmaster.pid')).toBe(true);
  process.kill(pid, 'SIGINT');
  expect(await nextLine()).toBe('SIGINT');
  await once(parent, 'exit');
});

it('removes a lock file whose process is gone or is another program', async () => {
  await writeFile(join(dir, 'postmaster.pid'), `${process.pid}\n`);
  await writeFile(join(dir, '.s.PGSQL.5432.lock'), `${process.pid}\n`);
  await clear();
  expect(await exists('postmaster.pid')).toBe(false);
  expect(await exists('.s.PGSQL.5432.lock')).toBe(false);
});

it('has nothing to do on a first start', async () => {
  await expect(clear()).resolves.toBeUndefined();
});
