import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');

it('makes an agent that needs nothing but its one file', async () => {
  await run(process.execPath, [join(ROOT, 'scripts/build-agent.mjs')]);
  const elsewhere = await mkdtemp(join(tmpdir(), 'pp-agent-'));
  onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
  const file = join(elsewhere, 'agent.mjs');
  await copyFile(join(ROOT, 'packages/agent/dist/pocketproxy-agent.mjs'), file);
  const { stdout } = await run(process.execPath, [file, 'status', '--json', '--state-dir', elsewhere]);
  expect(JSON.parse(stdout)).toMatchObject({ device: null, stateDir: elsewhere });
});
