import { createHash } from 'node:crypto';
import { chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessUser } from '@pocketproxy/runtime';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** PostgreSQL names its socket after a port, though it listens on none. */
export const SOCKET_PORT = 5432;

/** `sun_path` holds 104 bytes with the closing zero on macOS, 108 on Linux. */
const LONGEST_SOCKET_PATH = 103;

/** Where PostgreSQL makes its socket in `dir`. */
export function socketFile(dir: string): string {
  return join(dir, `.s.PGSQL.${SOCKET_PORT}`);
}

/**
 * The folder of the socket: the cluster itself, which nobody else may enter, or, when its path is too long for a
 * socket, a private folder with a short name that is the same at every start.
 * @throws {EmbeddedPostgresError} when somebody else has taken that name
 */
export async function socketDir(clusterDir: string, user: ProcessUser | undefined): Promise<string> {
  if (Buffer.byteLength(socketFile(clusterDir)) <= LONGEST_SOCKET_PATH) return clusterDir;
  const name = createHash('sha256').update(clusterDir).digest('hex').slice(0, 16);
  const dir = join(tmpdir().length <= 40 ? tmpdir() : '/tmp', `pocketproxy-${name}`);
  await mkdir(dir, { mode: 0o700 }).catch((err: NodeJS.ErrnoException) => {
    if (err.code !== 'EEXIST') throw err;
  });
  const uid = user?.uid ?? process.getuid?.();
  let found = await lstat(dir);
  if (user && found.uid === process.getuid?.()) {
    await chown(dir, user.uid, user.gid);
    found = await lstat(dir);
  }
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return dir;
  throw new EmbeddedPostgresError(
    'database_start_failed',
    `${dir} is needed for a socket, but it is not ours. Remove it.`,
  );
}
