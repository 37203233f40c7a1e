import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';

/** Runs `CHILD` as `npm start` runs the server. */
const RUNNER = `
  import { runChild } from './run-child.mjs';
  process.exitCode = await runChild(process.execPath, ['-e', process.env.CHILD]);
`;

/** Tells what it gets, and ends by itself when asked to stop or when its parent is gone. */
const CHILD = `
  process.on('SIGINT', () => { console.log('SIGINT'); setTimeout(() => process.exit(7), 300); });
  process.on('SIGTERM', () => { console.log('SIGTERM'); process.exit(0); });
  process.on('disconnect', () => { console.log('parent is gone'); process.exit(0); });
  console.log('child ' + process.pid);
  setInterval(() => {}, 60_000);
`;

const NODE = [process.execPath, '--input-type=module', '-e', RUNNER];

async function start(argv: string[], env: NodeJS.ProcessEnv = {}) {
  const { npm_lifecycle_event: _, ...inherited } = process.env;
  const process_ = spawn(argv[0]!, argv.slice(1), {
    cwd: import.meta.dirname,
    env: { ...inherited, CHILD, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
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

it.skipIf(process.platform !== 'linux')('stops the child when npm is killed (needs /proc)', async () => {
  // As npm does it: a shell stands between npm and the script.
  const npm = [
    process.execPath,
    '-e',
    `require('node:child_process').spawn('sh', ['-c', '"$@"; exit', 'sh', ...process.argv.slice(1)], { stdio: 'inherit' })`,
    '--',
  ];
  const { process: fakeNpm, nextLine } = await start([...npm, ...NODE], { npm_lifecycle_event: 'start' });
  fakeNpm.kill('SIGKILL');
  expect(await nextLine()).toBe('SIGTERM');
});
