import { tryCommand } from '../harness/run-command.ts';
import { removeNamespace } from './host.ts';

const NAME = /^pplab-(\d+)-[0-9a-z]+-[a-z]+$/;

/** Name of a namespace: the owner's pid makes leftovers of dead runs known as such. */
export function namespaceName(run: string, host: string, owner = process.pid): string {
  return `pplab-${owner}-${run}-${host}`;
}

/** Namespaces whose owner is gone; those of living runs are left alone. */
export function deadNamespaces(names: readonly string[], isAlive: (pid: number) => boolean): string[] {
  return names.filter((name) => {
    const owner = NAME.exec(name)?.[1];
    return owner !== undefined && !isAlive(Number(owner));
  });
}

/** Removes what runs that were killed have left. */
export async function removeLeftovers(): Promise<void> {
  const { stdout } = await tryCommand(['ip', 'netns', 'list']);
  const names = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const name of deadNamespaces(names, isAlive)) await removeNamespace(name);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
