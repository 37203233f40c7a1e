import { readFile } from 'node:fs/promises';

/** The user that owns nothing, and its group, as this system names them; `null` where it has none. */
export async function unprivilegedUser(): Promise<{ readonly user: string; readonly group: string } | null> {
  const rows = async (file: string): Promise<string[][]> =>
    (await readFile(file, 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const nobody = (await rows('/etc/passwd')).find(([name]) => name === 'nobody');
  const group = (await rows('/etc/group')).find(([, , id]) => id !== undefined && id === nobody?.[3])?.[0];
  return nobody && group ? { user: 'nobody', group } : null;
}
