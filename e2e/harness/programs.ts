import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** System programs live here, which the PATH of an ordinary user often lacks. */
const ALSO = ['/usr/sbin', '/sbin'];

/** Those of `names` that are not installed here. */
export function missingPrograms(...names: readonly string[]): string[] {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO].filter(Boolean);
  return names.filter((name) => !folders.some((folder) => isExecutable(join(folder, name))));
}

/** A title for `skipIf`: says which programs are missing, if any are. */
export function needing(title: string, ...names: readonly string[]): string {
  const missing = missingPrograms(...names);
  return missing.length === 0 ? title : `${title} (skipped: ${missing.join(' and ')} is missing)`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
