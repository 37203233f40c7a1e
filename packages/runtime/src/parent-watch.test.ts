import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, it } from 'vitest';

const WATCHER = `
  import { watchParent } from './parent-watch.ts';
  watchParent(() => { console.log('parent is gone'); process.exit(); });
  console.log('watching');
  setInterval(() => {}, 60_000);
`;

/** Starts the watcher over an IPC channel, with our own standard output. */
const PARENT = `
  import { spawn } from 'node:child_process';
  spawn(process.execPath, ['--input-type=module', '-e', process.env.WATCHER], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
`;

function run(script: string, stdio: ('ignore' | 'pipe' | 'inherit' | 'ipc')[]): ChildProcess {
  const env = { ...process.env, WATCHER };
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    env,
    stdio,
  });
}

it('notices a parent that was killed', async () => {
  const parent = run(PARENT, ['ignore', 'pipe', 'inherit']);
  const lines = createInterface({ input: parent.stdout as Readable });
  expect(await once(lines, 'line')).toEqual(['watching']);
  const next = once(lines, 'line');
  parent.kill('SIGKILL');
  expect(await next).toEqual(['parent is gone']);
});

it('does nothing without an IPC channel', async () => {
  const child = run(`import { watchParent } from './parent-watch.ts'; watchParent(() => process.exit(1));`, [
    'ignore',
    'inherit',
    'inherit',
  ]);
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('does not keep the process alive', async () => {
  const child = run(`import { watchParent } from './parent-watch.ts'; watchParent(() => process.exit(1));`, [
    'ignore',
    'inherit',
    'inherit',
    'ipc',
  ]);
  expect(await once(child, 'exit')).toEqual([0, null]);
});
