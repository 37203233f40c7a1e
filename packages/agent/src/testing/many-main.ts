import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createLogger, RealClock } from '@pocketproxy/runtime';
import { AgentError } from '../agent-error.ts';
import { AgentLifecycle } from '../agent-lifecycle.ts';
import { type Flags, readConfig } from '../config.ts';
import { pairDevice } from '../pairing/pair-device.ts';
import type { PlatformName } from '../platform/detect.ts';
import { serveCustomers } from '../serve-customers.ts';
import { StateDirectory } from '../state/state-directory.ts';
import { stopRequested } from '../stop-signal.ts';

/**
 * Many agents in one process, for tests and benchmarks that need more phones than a machine has memory for processes.
 * Each pairs and serves as the real agent does, with its own state, key and sessions. Arguments: JSON of the settings that
 * all share, and perhaps a folder whose phones are started again. Input: pairing URLs of further ones, one a line, to the
 * end. Prints `ready <phones>` when all are paired and started.
 */
const flags = JSON.parse(process.argv[2] ?? '{}') as Flags;
const keptFolder = process.argv[3];
const folder = keptFolder ?? (await mkdtemp(join(tmpdir(), 'pp-agents-')));
const log = createLogger({ level: 'error' });
const stopping = stopRequested();
const PAIRING_ATTEMPTS = 5;

/** @param pairingUrl `null` for a phone that is paired already */
async function startPhone(pairingUrl: string | null, index: number): Promise<() => Promise<unknown>> {
  const config = readConfig({ ...flags, 'state-dir': join(folder, String(index)) });
  const state = new StateDirectory(config.stateDir);
  const identity =
    pairingUrl === null ? await state.readIdentity() : await pair(pairingUrl, state, config.platform);
  if (identity === null) throw new Error(`${state.path} holds no paired phone`);
  const lifecycle = new AgentLifecycle(stopping);
  return () => serveCustomers({ config, state, identity, lifecycle, log });
}

async function pair(pairingUrl: string, state: StateDirectory, platform: PlatformName) {
  const clock = new RealClock();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await pairDevice({ pairingUrl, state, force: false, platform, model: null, clock })).identity;
    } catch (error) {
      // A relay that pairs a crowd may be slow; a person would try again, too.
      if (!(error instanceof AgentError) || attempt === PAIRING_ATTEMPTS) throw error;
    }
  }
}

const urls: (string | null)[] = (await readdir(folder)).map(() => null);
for await (const line of createInterface(process.stdin)) if (line !== '') urls.push(line);
const phones: (() => Promise<unknown>)[] = [];
// One after the other: pairing makes keys, and a crowd of it would only queue.
for (const [index, url] of urls.entries()) phones.push(await startPhone(url, index));
const ends = phones.map((serve) => serve());
console.log(`ready ${ends.length}`);
await Promise.all(ends);
if (keptFolder === undefined) await rm(folder, { recursive: true, force: true });
