import { readdir, readFile } from 'node:fs/promises';

/** Open descriptors of a process. Linux only. */
export async function openDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Resident memory of a process in bytes. Linux only. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Process ids whose parent is `pid`. Linux only. */
export async function childPids(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

/** All descendants of `pid`, parents first. Linux only. */
export async function descendants(pid: number): Promise<number[]> {
  const children = await childPids(pid).catch(() => []);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}
