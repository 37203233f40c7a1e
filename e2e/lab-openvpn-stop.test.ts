import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Child } from './harness/child.ts';
import { descendants } from './harness/process-facts.ts';
import { until } from './harness/until.ts';
import { Host } from './lab/host.ts';
import { inTheLab } from './lab/lab-world.ts';
import { namespaceName, removeLeftovers } from './lab/leftovers.ts';
import { VPN_UNAVAILABLE } from './lab/vpn-client.ts';
import { QUIET } from './lab/wiring.ts';

const ROOT = join(import.meta.dirname, '..');

describe.skipIf(VPN_UNAVAILABLE)(inTheLab('npm start with OpenVPN leaves nothing when'), () => {
  let directory: string;
  let vps: Host;
  let npm: Child | null = null;

  beforeAll(async () => {
    if (VPN_UNAVAILABLE) return;
    await removeLeftovers();
    directory = await mkdtemp(join(tmpdir(), 'pplab-'));
    vps = new Host('vps', namespaceName(randomBytes(3).toString('hex'), 'vps'), directory);
    await vps.create(QUIET, null);
  });

  afterEach(async () => {
    await npm?.kill();
  });

  afterAll(async () => {
    await vps?.destroy();
    if (directory) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Starts it as a terminal or a service manager does; answers the ids of all its processes. */
  async function start(): Promise<number[]> {
    npm = vps.spawn(['npm', 'start', '--', '--no-demo'], {
      ...{ name: 'npm start', cwd: ROOT, ownGroup: true },
      env: { POCKETPROXY_DATA_DIR: join(directory, 'data') },
    });
    await npm.log.waitFor(/Ctrl-C stops everything/, 60_000);
    expect(await traces()).toEqual(['interface', 'rule', 'table']);
    return [npm.pid, ...(await descendants(npm.pid))];
  }

  /** What of OpenVPN's path there is on the host. */
  async function traces(): Promise<string[]> {
    const has = async (argv: readonly string[], sign: RegExp) => sign.test((await vps.exec(argv)).stdout);
    const found = {
      interface: await has(['ip', 'link'], /pptun-/),
      rule: await has(['ip', 'rule'], /iif pptun-/),
      table: await has(['nft', 'list', 'tables'], /pocketproxy_/),
    };
    return Object.entries(found).flatMap(([name, there]) => (there ? [name] : []));
  }

  test.each<[string, (npm: Child) => void]>([
    ['all of its processes are told to end', (child) => child.signalGroup('SIGTERM')],
    ['npm alone is told to end', (child) => child.signal('SIGTERM')],
    ['npm is killed', (child) => child.signal('SIGKILL')],
  ])('%s', async (_how, end) => {
    const family = await start();
    end(npm!);
    await until('all processes to be gone', () => family.every((pid) => !isAlive(pid)));
    expect(await traces()).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
