import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { silentLogger } from '@pocketproxy/runtime';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from './database.ts';
import { type EmbeddedPostgres, type SocketConnection, startEmbeddedPostgres } from './embedded-postgres.ts';

const IS_ROOT = process.getuid?.() === 0;

/** One cluster for all tests but those that need a new one: making it is what takes long. */
let dataDir: string;

beforeAll(async () => {
  dataDir = await newFolder();
});

afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pp-database-'));
  // As root, another user has to get in.
  await chmod(dir, 0o711);
  return dir;
}

async function freshFolder(): Promise<string> {
  const dir = await newFolder();
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function start(dir = dataDir): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({ dataDir: dir, log: silentLogger() });
  onTestFinished(() => database.stop());
  return database;
}

async function query(connection: SocketConnection, text: string): Promise<Record<string, unknown>[]> {
  const sql = postgres({ ...connection, max: 1 });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

/** Starts the database in a process of its own and answers that process once it is up. */
async function startElsewhere() {
  const child = spawn(process.execPath, ['--input-type=module', '-e', ELSEWHERE, dataDir], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  // Should a test fail, its server is not left running.
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, connection: JSON.parse(line) as SocketConnection };
}

const ELSEWHERE = `
  import { silentLogger } from '@pocketproxy/runtime';
  import { startEmbeddedPostgres } from './embedded-postgres.ts';
  const { connection } = await startEmbeddedPostgres({ dataDir: process.argv[1], log: silentLogger() });
  console.log(JSON.stringify(connection));
  setInterval(() => {}, 60_000);
`;

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);
}

describe('startEmbeddedPostgres', { timeout: 60_000 }, () => {
  it('makes a database and keeps what was written across a restart', async () => {
    const first = await start();
    await query(first.connection, 'CREATE TABLE text_kept (value text)');
    await query(first.connection, `INSERT INTO text_kept VALUES ('é')`);
    await first.stop();
    const second = await start();
    expect(await query(second.connection, 'SELECT value FROM text_kept')).toEqual([{ value: 'é' }]);
  });

  it('is PostgreSQL 18 with UTF-8, reachable by its Unix socket alone', async () => {
    const { connection } = await start();
    const settings = await query(
      connection,
      `SELECT current_setting('server_version_num')::int / 10000 AS version, current_setting('server_encoding') AS encoding,
              current_setting('listen_addresses') AS addresses, current_setting('fsync') AS fsync, current_database() AS name`,
    );
    expect(settings).toEqual([
      { version: 18, encoding: 'UTF8', addresses: '', fsync: 'on', name: 'pocketproxy' },
    ]);
  });

  it('stops while sessions are open, and stops twice', async () => {
    const database = await start();
    const sql = postgres({ ...database.connection, max: 1 });
    const sleep = sql`SELECT pg_sleep(600)`.catch((err: Error) => err);
    await sql.reserve().catch(() => {});
    await Promise.all([database.stop(), database.stop()]);
    expect(await sleep).toBeInstanceOf(Error);
    await sql.end({ timeout: 0 });
  });

  it('starts again after its server was killed', async () => {
    const { child, connection } = await startElsewhere();
    await query(connection, 'CREATE TABLE orphan_kept AS SELECT 1 AS value');
    const orphan = await postmasterPid();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = await start();
    expect(await postmasterPid()).not.toBe(orphan);
    expect(await query(again.connection, 'SELECT value FROM orphan_kept')).toEqual([{ value: 1 }]);
  });

  it('starts again after server and database were both killed', async () => {
    const { child, connection } = await startElsewhere();
    await query(connection, 'CREATE TABLE crash_kept AS SELECT 1 AS value');
    process.kill(await postmasterPid(), 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = await start();
    expect(await query(again.connection, 'SELECT value FROM crash_kept')).toEqual([{ value: 1 }]);
  });

  it('comes back by itself when PostgreSQL alone is killed', async () => {
    const database = await start();
    const sql = connect({ address: database.connection, log: silentLogger(), maxConnections: 1 });
    await sql`CREATE TABLE own_kept AS SELECT 1 AS value`;
    process.kill(await postmasterPid(), 'SIGKILL');
    await sql`SELECT pg_sleep(600)`.catch(() => {});
    await expect
      .poll(() => sql`SELECT value FROM own_kept`.catch(() => null), { timeout: 20_000 })
      .toEqual([{ value: 1 }]);
    await sql.end();
  });

  it('refuses a data directory that a living server uses, and leaves that server alone', async () => {
    const { child, connection } = await startElsewhere();
    await expect(start()).rejects.toMatchObject({ code: 'data_directory_in_use' });
    expect(await query(connection, 'SELECT 1 AS value')).toEqual([{ value: 1 }]);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('is not misled by a lock file whose process id another program has now', async () => {
    await (await start()).stop();
    await writeFile(
      join(dataDir, 'postgres/postmaster.pid'),
      `${process.pid}\n${dataDir}/postgres\n1\n5432\n`,
    );
    const { connection } = await start();
    expect(await query(connection, 'SELECT 1 AS value')).toEqual([{ value: 1 }]);
  });

  it('starts afresh after a crash while the database was being made', async () => {
    const dir = await freshFolder();
    const crashed = spawn('/bin/true');
    await once(crashed, 'exit');
    await mkdir(join(dir, `postgres.new-${crashed.pid}`));
    await writeFile(join(dir, `postgres.new-${crashed.pid}`, 'PG_VERSION'), '18');
    await start(dir);
    expect(await readdir(dir)).toEqual(['postgres']);
  });

  it('works in a folder whose path is too long for a socket', async () => {
    const deep = join(await freshFolder(), 'a'.repeat(100));
    const { connection } = await start(deep);
    expect(connection.host.length).toBeLessThan(60);
    expect(await query(connection, 'SELECT 1 AS value')).toEqual([{ value: 1 }]);
  });

  it('refuses a cluster of another version', async () => {
    const dir = await freshFolder();
    await mkdir(join(dir, 'postgres'));
    await writeFile(join(dir, 'postgres/PG_VERSION'), '17\n');
    await expect(start(dir)).rejects.toMatchObject({ code: 'database_wrong_version' });
  });

  it('says what PostgreSQL said when it does not start', async () => {
    const dir = await freshFolder();
    await (await start(dir)).stop();
    await rm(join(dir, 'postgres/global'), { recursive: true });
    await expect(start(dir)).rejects.toMatchObject({
      code: 'database_start_failed',
      message: expect.stringContaining('global'),
    });
  });

  it.skipIf(!IS_ROOT)('lets nobody but its server in (needs root)', async () => {
    const { connection } = await start();
    const other = spawn(
      'setpriv',
      [
        '--reuid=65534',
        '--clear-groups',
        '--inh-caps=+dac_override',
        '--ambient-caps=+dac_override',
        process.execPath,
        '--input-type=module',
        '-e',
        `import postgres from 'postgres';
       const sql = postgres(JSON.parse(process.argv[1]));
       await sql\`SELECT 1\`.then(() => console.log('let in'), (err) => console.log(err.code));
       await sql.end();`,
        JSON.stringify(connection),
      ],
      { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    expect(await once(createInterface({ input: other.stdout }), 'line')).toEqual(['28000']);
  });

  it.skipIf(!IS_ROOT)('works below a folder that only root may enter (needs root)', async () => {
    const hidden = join(await freshFolder(), 'hidden');
    await mkdir(hidden, { mode: 0o700 });
    const { connection } = await start(join(hidden, 'data'));
    expect(await query(connection, 'SELECT 1 AS value')).toEqual([{ value: 1 }]);
    await access(join(hidden, 'data/postgres/PG_VERSION'));
  });
});
