/**
 * A lockfile must name the packages of every platform, or `npm ci` refuses it. npm itself leaves out those optional
 * ones that the registry in use does not have, as mirrors often do. What is left out is known all the same: the
 * exact version from the package that wants it, and the platform from its name.
 *
 * @typedef {{ version?: string, optional?: boolean, optionalDependencies?: Record<string, string>, os?: string[],
 *   cpu?: string[], libc?: string[], dev?: boolean, peer?: boolean, devOptional?: boolean }} LockEntry
 * @typedef {Record<string, LockEntry>} LockEntries
 */

/**
 * Entries that are wanted by name and exact version but missing.
 * @param {LockEntries} entries `packages` of a lockfile
 * @returns {LockEntries}
 */
export function missingEntries(entries) {
  /** @type {LockEntries} */
  const missing = {};
  for (const [path, entry] of Object.entries(entries)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!/^\d/.test(version) || isResolvable({ ...entries, ...missing }, path, name)) continue;
      missing[`node_modules/${name}`] = { version, ...flags(entry), optional: true, ...platformOf(name) };
    }
  }
  return missing;
}

/**
 * Whether `name`, wanted by the package at `path`, is found by walking up as Node.js does.
 * @param {LockEntries} entries
 * @param {string} path
 * @param {string} name
 */
function isResolvable(entries, path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (Object.hasOwn(entries, `${at === '' ? '' : `${at}/`}node_modules/${name}`)) return true;
    if (at === '') return false;
  }
}

/** @param {LockEntry} parent */
function flags({ dev, peer, devOptional }) {
  return { ...(dev && { dev }), ...(devOptional && { devOptional }), ...(peer && { peer }) };
}

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
  'wasm32',
];

/**
 * @param {string} name such as `@biomejs/cli-linux-x64-musl`
 * @returns {LockEntry}
 */
export function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.includes('gnu')
      ? ['glibc']
      : [];
  return { ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }), ...(os.length > 0 && { os }) };
}
