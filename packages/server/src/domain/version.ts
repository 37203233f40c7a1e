/** `major.minor.patch`, and what comes after a dash: an earlier state of that version (semver.org, section 11). */
const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/;

/**
 * Whether version `one` is older than `other`. Of two earlier states of the same version neither counts as older,
 * and neither does text that is no version: who is not sure accuses nobody.
 */
export function isOlderVersion(one: string, other: string): boolean {
  const [a, b] = [VERSION.exec(one), VERSION.exec(other)];
  if (!a || !b) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(a[part]) - Number(b[part]);
    if (difference !== 0) return difference < 0;
  }
  return a[4] !== undefined && b[4] === undefined;
}
