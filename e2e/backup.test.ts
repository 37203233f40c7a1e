import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getThrough } from './clients/tunnelled.ts';
import { type CommandResult, tryCommand } from './harness/run-command.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const CLI = join(import.meta.dirname, '../packages/server/src/cli.ts');
const EXIT_PAGE = { host: 'ip.pocketproxy.internal', port: 80 };

describe('backup and restore', () => {
  const world = useWorld();
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pp-backup-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  function pocketproxy(...args: string[]): Promise<CommandResult> {
    const env = { POCKETPROXY_DATA_DIR: world().server.dataDir };
    return tryCommand([process.execPath, CLI, ...args], { env, cwd: directory });
  }

  test('bring a lost server back: the phone comes by itself, and passwords, ports and limits are as they were', async () => {
    const { server, agent, connection } = world();
    await server.api.changeConnection(connection.id, { quotaBytes: 5_000_000_000, maxFlows: 7 });
    const before = await server.api.connection(connection.id);
    const archive = join(directory, 'backup.tar.gz');
    const saved = await pocketproxy('backup', archive);
    expect([saved.code, saved.stderr]).toEqual([0, '']);

    // Into a running server nothing is restored.
    expect((await pocketproxy('restore', archive)).code).toBe(1);
    await server.end('SIGKILL');
    const refused = await pocketproxy('restore', archive);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is in use already')]);

    // The disk is lost.
    await rename(server.dataDir, `${server.dataDir}-lost`);
    const missing = await pocketproxy('restore', join(directory, 'missing.tar.gz'));
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('missing.tar.gz')]);
    const restored = await pocketproxy('restore', archive);
    expect([restored.code, restored.stderr]).toEqual([0, '']);
    await server.launch();
    await agent.online();
    expect(await server.api.connection(connection.id)).toEqual(before);
    const answer = await until('traffic through the restored server', async () => {
      const { status, body } = await getThrough(connection, EXIT_PAGE);
      return status === 200 && (JSON.parse(body) as { deviceId: string });
    });
    expect(answer.deviceId).toBe(agent.deviceId);
    await rm(`${server.dataDir}-lost`, { recursive: true, force: true });
  });

  test('name their file themselves when none is given', async () => {
    const { code, stdout } = await pocketproxy('backup');
    expect(code).toBe(0);
    const [made] = (await readdir(directory)).filter((name) => /^pocketproxy-.*\.tar\.gz$/.test(name));
    expect(stdout).toContain(made);
  });
});
