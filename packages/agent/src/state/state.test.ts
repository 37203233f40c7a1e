import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentIdentity } from './identity.ts';
import { acquireRunLock, runningAgent } from './run-lock.ts';
import { StateDirectory } from './state-directory.ts';

const IDENTITY: AgentIdentity = {
  version: 1,
  deviceId: 'dev_1',
  deviceName: 'Phone 1',
  relayHost: '203.0.113.7',
  relayPort: 7443,
  privateKey: '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n',
  certificate: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n',
  ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n',
  pairedAt: '2026-01-01T00:00:00.000Z',
};

describe('the state directory', () => {
  let folder: string;
  let state: StateDirectory;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agent-state-'));
    state = new StateDirectory(join(folder, 'state'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps an identity that only its owner can read', async () => {
    expect(await state.readIdentity()).toBeNull();
    await state.writeIdentity(IDENTITY);
    expect(await state.readIdentity()).toEqual(IDENTITY);
    expect((await stat(state.path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(state.path, 'identity.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(state.path)).toEqual(['identity.json']);
  });

  it('makes an existing, too open directory private', async () => {
    const open = new StateDirectory(folder);
    await open.writeIdentity(IDENTITY);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('says which part of a damaged file is wrong', async () => {
    await state.writeIdentity(IDENTITY);
    await writeFile(
      join(state.path, 'identity.json'),
      JSON.stringify({ ...IDENTITY, relayPort: 0, ca: 'x' }),
    );
    await expect(state.readIdentity()).rejects.toMatchObject({
      code: 'state_unreadable',
      message: expect.stringMatching(/relayPort.*ca.*--force/),
    });
    await writeFile(join(state.path, 'identity.json'), '{');
    await expect(state.readIdentity()).rejects.toMatchObject({ code: 'state_unreadable' });
  });

  it('keeps an unfinished pairing apart from the identity', async () => {
    const pending = { codeHash: 'ab', privateKey: IDENTITY.privateKey };
    await state.writePendingPairing(pending);
    expect(await state.readPendingPairing()).toEqual(pending);
    expect(await state.readIdentity()).toBeNull();
    await state.removePendingPairing();
    expect(await state.readPendingPairing()).toBeNull();
  });
});

describe('the run lock', () => {
  let folder: string;
  let path: string;
  const now = new Date('2026-01-01T00:00:00Z');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agent-lock-'));
    path = join(folder, 'run.lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lets one agent run', async () => {
    expect(await runningAgent(path)).toBeNull();
    const lock = await acquireRunLock(path, now);
    await expect(acquireRunLock(path, now)).rejects.toMatchObject({ code: 'already_running' });
    expect(await runningAgent(path)).toEqual({ pid: process.pid, since: now.toISOString() });
    lock.release();
    expect(await runningAgent(path)).toBeNull();
    expect(await readdir(folder)).toEqual([]);
  });
});
