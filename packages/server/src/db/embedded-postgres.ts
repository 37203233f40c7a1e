import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  Backoff,
  type Clock,
  type Logger,
  type ProcessSpec,
  RealClock,
  SupervisedProcess,
} from '@pocketproxy/runtime';
import postgres from 'postgres';
import { findPostgresBinaries } from './embedded-postgres-binaries.ts';
import { DATABASE_NAME, ensureCluster, writeAccessRules } from './embedded-postgres-cluster.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { clearLeftovers, parentMark } from './embedded-postgres-leftover.ts';
import { SOCKET_PORT, socketDir, socketFile } from './embedded-postgres-socket.ts';
import { postgresUser } from './embedded-postgres-user.ts';

/** Options of the `postgres` driver for a Unix socket; its URLs cannot name one. */
export interface SocketConnection {
  /** Folder of the socket. */
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly database: string;
}

/** A PostgreSQL server of our own, reachable by us alone. */
export interface EmbeddedPostgres {
  readonly connection: SocketConnection;
  /** Fast shutdown: sessions are cut, everything committed is on disk. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The cluster lives in `postgres` below it. Made when missing. */
  readonly dataDir: string;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Told when nothing is left to do but to wait, for the database or for the end of an earlier one. */
  readonly onWait?: () => void;
}

const START_ATTEMPTS = 5;
const STOP_GRACE_MS = 15_000;

/**
 * Starts PostgreSQL on `dataDir`, makes cluster and database when they are missing, and keeps it running.
 * @throws {EmbeddedPostgresError} with a message for the operator
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, clock = new RealClock(), onWait = () => {} } = options;
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const clusterDir = join(dataDir, 'postgres');
  const binaries = await findPostgresBinaries(join(dataDir, 'postgres-lib'));
  const user = postgresUser({ program: binaries.postgres, clusterDir });
  await ensureCluster({ clusterDir, binaries, user, log, clock });
  const host = await socketDir(clusterDir, user);
  await clearLeftovers(clusterDir, socketFile(host), { log, clock, onWait });
  await writeAccessRules(clusterDir, user);
  const ready = run(
    {
      name: 'postgres',
      command: binaries.postgres,
      args: postgresArguments(clusterDir, host),
      env: binaries.env,
      cwd: clusterDir,
      runAs: user,
      deathSignal: 'SIGINT',
    },
    log,
    clock,
  );
  onWait();
  const server = await ready;
  const connection = { host, port: SOCKET_PORT, username: DATABASE_NAME, database: DATABASE_NAME };
  const stop = async (): Promise<void> => {
    await server.stop('SIGINT', STOP_GRACE_MS);
  };
  try {
    await ensureDatabase(connection);
  } catch (err) {
    await stop();
    throw err;
  }
  return { connection, stop };
}

function postgresArguments(clusterDir: string, socketFolder: string): string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    cluster_name: parentMark(process.pid),
    log_timezone: 'UTC',
    timezone: 'UTC',
    // Every query answers one small question: worker processes and compiled plans take longer than they save.
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    log_line_prefix: '',
    // Statements and details of failed ones hold customers' data; who sent them gets the error anyway.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
  return [
    '-D',
    clusterDir,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/** Resolves once the server takes connections. Restarts it for ever after that, but only a few times before. */
function run(spec: ProcessSpec, log: Logger, clock: Clock): Promise<SupervisedProcess> {
  // The clock's timers keep nothing alive, and between two attempts there may be nothing else.
  const alive = setInterval(() => {}, 60_000);
  return new Promise<SupervisedProcess>((resolve, reject) => {
    let ready = false;
    let failures = 0;
    const recent: string[] = [];
    const server: SupervisedProcess = new SupervisedProcess(spec, {
      log,
      clock,
      backoff: new Backoff({ minMs: 100, maxMs: 5_000 }),
      onLine: (line) => {
        recent.push(line);
        if (recent.length > 10) recent.shift();
        logLine(log, line, server.stopping);
        if (ready || !line.includes('database system is ready to accept connections')) return;
        ready = true;
        resolve(server);
      },
      onExit: () => {
        if (ready || ++failures < START_ATTEMPTS) return;
        // Not in this call stack: the supervisor has yet to note the exit.
        queueMicrotask(() => void server.stop());
        reject(
          new EmbeddedPostgresError(
            'database_start_failed',
            `PostgreSQL does not start: ${recent.join(' | ')}`,
          ),
        );
      },
    });
    server.start();
  }).finally(() => clearInterval(alive));
}

/** `ERROR` and `FATAL` end a statement and a session, whose owner is told; a shutdown ends all sessions. */
function logLine(log: Logger, line: string, stopping: boolean): void {
  const severity = /^([A-Z]+):\s/.exec(line)?.[1];
  const worth =
    severity === 'PANIC' ? 'error' : severity === 'FATAL' || severity === 'WARNING' ? 'warn' : 'debug';
  log[stopping ? 'debug' : worth]({ process: 'postgres' }, line);
}

async function ensureDatabase(connection: SocketConnection): Promise<void> {
  const sql = postgres({
    ...connection,
    database: 'postgres',
    max: 1,
    fetch_types: false,
    connect_timeout: 10,
  });
  try {
    const found = await sql`SELECT 1 FROM pg_database WHERE datname = ${DATABASE_NAME}`;
    if (found.length === 0) await sql`CREATE DATABASE ${sql(DATABASE_NAME)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
