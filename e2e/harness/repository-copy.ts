import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand, tryCommand } from './run-command.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A copy of the repository's files with its installed packages, for tests of the commands at its root. */
export class RepositoryCopy {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<RepositoryCopy> {
    const directory = await mkdtemp(join(tmpdir(), 'pp-copy-'));
    const listed = await runCommand([
      'git',
      '-C',
      ROOT,
      'ls-files',
      '-z',
      '--cached',
      '--others',
      '--exclude-standard',
    ]);
    for (const file of listed.split('\0').filter(Boolean)) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      // A file that was deleted and not yet committed is still listed.
      await cp(join(ROOT, file), join(directory, file)).catch(ignoreMissing);
    }
    const modules = [join(ROOT, 'node_modules'), join(directory, 'node_modules')] as const;
    // Hard links cost no space, where both places are on one file system.
    const linked = await tryCommand(['cp', '-al', ...modules]);
    if (linked.code !== 0) await cp(...modules, { recursive: true, verbatimSymlinks: true });
    return new RepositoryCopy(directory);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
