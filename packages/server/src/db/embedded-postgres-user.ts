import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { findSetpriv, type ProcessUser } from '@pocketproxy/runtime';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** Paths that the database must reach. */
export interface PostgresPaths {
  /** The program `postgres`. */
  readonly program: string;
  readonly clusterDir: string;
}

/**
 * The user that PostgreSQL runs as: it refuses to be root. `undefined` means our own user.
 *
 * The owner of an existing cluster stays its owner; a new one goes to `postgres` or else to `nobody`, since initdb
 * insists on a user with a name. A path below a folder that only root may enter (`/root`) is reached by the one
 * capability that allows just that, and only then.
 * @throws {EmbeddedPostgresError}
 */
export function postgresUser(paths: PostgresPaths): ProcessUser | undefined {
  const owner = statSync(paths.clusterDir, { throwIfNoEntry: false });
  const own = process.getuid?.();
  if (own !== 0) {
    if (owner && owner.uid !== own) {
      throw new EmbeddedPostgresError(
        'database_wrong_owner',
        `${paths.clusterDir} belongs to user ${owner.uid}, and this is user ${own}. Run as root or as that user, or choose another POCKETPROXY_DATA_DIR.`,
      );
    }
    return undefined;
  }
  const user = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : namedUser();
  if (reaches(paths.program, user) && reaches(dirname(paths.clusterDir), user)) return user;
  return { ...user, capabilities: [traversalCapability(paths)] };
}

/** Whether `user` may enter every folder on the way to `path` and read and execute `path` itself. */
function reaches(path: string, user: ProcessUser): boolean {
  for (let at = path, needed = 0o5; ; at = dirname(at), needed = 0o1) {
    const { mode, uid, gid } = statSync(at);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    // Our own data directory need not be listed, only entered; a program must be read to be run.
    const wanted = at === path && (mode & 0o40000) !== 0 ? 0o1 : needed;
    if (((mode >> shift) & wanted) !== wanted) return false;
    if (at === dirname(at)) return true;
  }
}

function namedUser(): ProcessUser {
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  const user = users.get('postgres') ?? users.get('nobody');
  if (user) return user;
  throw new EmbeddedPostgresError(
    'database_no_user',
    'PostgreSQL refuses to run as root, and this system has neither a user "postgres" nor "nobody". Run as an ordinary user, or set DATABASE_URL.',
  );
}

/** Bits of `linux/capability.h`; containers often lack the first. */
const TRAVERSAL_CAPABILITIES = [
  { name: 'dac_read_search', bit: 2n },
  { name: 'dac_override', bit: 1n },
] as const;

function traversalCapability(paths: PostgresPaths): string {
  const held = findSetpriv() === null ? 0n : effectiveCapabilities();
  const usable = TRAVERSAL_CAPABILITIES.find(({ bit }) => (held >> bit) & 1n);
  if (usable) return usable.name;
  throw new EmbeddedPostgresError(
    'database_unreachable',
    `PostgreSQL refuses to run as root, and no other user may enter the folders of ${paths.program} or ${paths.clusterDir}. Move them out of /root, run as an ordinary user, or set DATABASE_URL.`,
  );
}

function effectiveCapabilities(): bigint {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return BigInt(`0x${hex ?? '0'}`);
}
