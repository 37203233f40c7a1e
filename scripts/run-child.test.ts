import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Runs `CHILD` as `npm start` runs the server. */
const RUNNER = `
  import { runChild } from './run-child.mjs';
  process.exitCode = await runChild(process.execPath, ['-e', process.env.CHILD]);
`;

/** Tells what it gets, and ends by itself when asked to stop or when its parent is gone. */
const CHILD = `
  process.on('SIGINT', () => { console.log('SIGINT'); setTimeout(() => process.exit(7), 300); });
  process.on('SIGHUP', () => { console.log('SIGHUP'); setTimeout(() => process.exit(0), 1_000); });
  process.on('SIGTERM', () => { console.log('SIGTERM'); process.exit(0); });
  process.on('disconnect', () => { console.log('parent is gone'); process.exit(0); });
  console.log('child ' + process.pid);
  setInterval(() => {}, 60_000);
`;

/** As npm does it: a shell stands between npm and the script. */
const NPM = [
  process.execPath,
  '-e',
  `require('node:child_process').spawn('sh', ['-c', '"$@"; exit', 'sh', ...process.argv.slice(1)], { stdio: 'inherit' })`,
  '--',
];
const NODE = [process.execPath, '--input-type=module', '-e', RUNNER];

async function start(argv: string[], env: NodeJS.ProcessEnv = {}) {
  const { npm_lifecycle_event: _, ...inherited } = process.env;
  const process_ = spawn(argv[0]!, argv.slice(1), {
    cwd: import.meta.dirname,
    env: { ...inherited, CHILD, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    // In a group of its own, as from a terminal.
    detached: true,
  });
  const lines = createInterface({ input: process_.stdout as Readable })[Symbol.asyncIterator]();
  const nextLine = async () => (await lines.next()).value as string | undefined;
  const pid = Number((await nextLine())?.replace('child ', ''));
  onTestFinished(() => {
    for (const started of [process_.pid, pid]) kill(started);
  });
  return { process: process_, nextLine };
}

function kill(pid: number | undefined): void {
  try {
    if (pid) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
}

const exitCode = async (child: ChildProcess) =>
  child.exitCode === null ? (await once(child, 'exit'))[0] : child.exitCode;

it('hands a signal on once, though terminal and npm both send it, and ends as the child does', async () => {
  const { process: runner, nextLine } = await start(NODE);
  runner.kill('SIGINT');
  runner.kill('SIGINT');
  expect(await nextLine()).toBe('SIGINT');
  expect(await exitCode(runner)).toBe(7);
  expect(await nextLine()).toBeUndefined();
});

it('lets the child know when it is killed', async () => {
  const { process: runner, nextLine } = await start(NODE);
  runner.kill('SIGKILL');
  expect(await nextLine()).toBe('parent is gone');
});

describe.skipIf(process.platform !== 'linux')('under npm (needs /proc)', () => {
  it('stops the child when npm is killed', async () => {
    const { process: npm, nextLine } = await start([...NPM, ...NODE], { npm_lifecycle_event: 'start' });
    npm.kill('SIGKILL');
    expect(await nextLine()).toBe('SIGTERM');
  });

  it('hands a signal on once that ends npm, too', async () => {
    const { process: npm, nextLine } = await start([...NPM, ...NODE], { npm_lifecycle_event: 'start' });
    process.kill(-npm.pid!, 'SIGHUP');
    expect(await nextLine()).toBe('SIGHUP');
    expect(await nextLine()).toBeUndefined();
  });
});
