import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Clock, type Logger, type ProcessUser, SupervisedProcess } from '@pocketproxy/runtime';
import type { PostgresBinaries } from './embedded-postgres-binaries.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** Name of our role and of our database. */
export const DATABASE_NAME = 'pocketproxy';

const MAJOR_VERSION = '18';
const DRAFT_SUFFIX = '.new-';

export interface ClusterOptions {
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly user: ProcessUser | undefined;
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * Makes sure that there is a complete cluster of the right version. It is made under another name and then renamed,
 * so that a crash in the middle leaves nothing that looks like one.
 * @throws {EmbeddedPostgresError}
 */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const { clusterDir, log } = options;
  if ((await clusterVersion(clusterDir)) === null) {
    await removeDrafts(clusterDir);
    log.info({ clusterDir }, 'creating the database');
    await initialise(options);
  }
  const version = await clusterVersion(clusterDir);
  if (version === MAJOR_VERSION) return;
  throw new EmbeddedPostgresError(
    'database_wrong_version',
    `${clusterDir} was made by PostgreSQL ${version}, and this is PostgreSQL ${MAJOR_VERSION}. Dump it with the old version and restore it here.`,
  );
}

/**
 * Writes who may connect: over the Unix socket, only the system user that runs PocketProxy, whom the kernel vouches
 * for. There is no password that could leak. Written at every start, because that user may change.
 */
export async function writeAccessRules(clusterDir: string, user: ProcessUser | undefined): Promise<void> {
  const rules = {
    'pg_hba.conf': 'local all all peer map=pocketproxy\n',
    'pg_ident.conf': `pocketproxy "${userInfo().username}" ${DATABASE_NAME}\n`,
  };
  for (const [name, content] of Object.entries(rules)) {
    const path = join(clusterDir, name);
    await writeFile(`${path}.new`, content, { mode: 0o600 });
    if (user) await chown(`${path}.new`, user.uid, user.gid);
    await rename(`${path}.new`, path);
  }
}

/** `null` when there is no cluster. */
async function clusterVersion(clusterDir: string): Promise<string | null> {
  return readFile(join(clusterDir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

async function initialise({ clusterDir, binaries, user, log, clock }: ClusterOptions): Promise<void> {
  const draft = `${clusterDir}${DRAFT_SUFFIX}${process.pid}`;
  await mkdir(draft, { mode: 0o700 });
  if (user) await chown(draft, user.uid, user.gid);
  const output: string[] = [];
  const initdb = new SupervisedProcess(
    {
      name: 'initdb',
      command: binaries.initdb,
      args: [
        `--pgdata=${draft}`,
        `--username=${DATABASE_NAME}`,
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--auth-local=peer',
        '--auth-host=reject',
        '--no-instructions',
      ],
      cwd: draft,
      env: binaries.env,
      runAs: user,
    },
    { log, clock, backoff: null, onLine: (line) => output.push(line) },
  );
  initdb.start();
  const { code, signal } = await initdb.ended;
  if (code !== 0) {
    await rm(draft, { recursive: true, force: true });
    const reason = output.filter((line) => line !== '').slice(-5);
    throw new EmbeddedPostgresError(
      'database_init_failed',
      `initdb failed (${signal ?? code}): ${reason.join(' | ')}`,
    );
  }
  try {
    await rename(draft, clusterDir);
  } catch (err) {
    await rm(draft, { recursive: true, force: true });
    // Another process was quicker; its cluster is as good as ours.
    if ((await clusterVersion(clusterDir)) === null) throw err;
  }
}

/** Removes what crashed attempts have left. */
async function removeDrafts(clusterDir: string): Promise<void> {
  const prefix = `${basename(clusterDir)}${DRAFT_SUFFIX}`;
  for (const name of await readdir(dirname(clusterDir))) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
    await rm(join(dirname(clusterDir), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'EPERM';
  }
}
