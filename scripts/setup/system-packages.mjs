import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { say, withProgress } from './progress.mjs';
import { runQuietly } from './run-quietly.mjs';

/**
 * @typedef {'start' | 'test' | 'bench'} Purpose
 * @typedef {object} SystemProgram
 * @property {string} command what is looked for
 * @property {string} debian name of its package on Debian and Ubuntu
 * @property {string} off what does not work without it
 * @property {readonly Purpose[]} purposes
 */

/** @type {readonly SystemProgram[]} */
const PROGRAMS = [
  {
    command: 'curl',
    debian: 'curl',
    off: 'the printed test line; tests with curl',
    purposes: ['start', 'test'],
  },
  { command: 'wget', debian: 'wget', off: 'tests with wget', purposes: ['test'] },
  { command: 'git', debian: 'git', off: 'tests with git', purposes: ['test'] },
  { command: 'nc', debian: 'netcat-openbsd', off: 'tests with nc', purposes: ['test'] },
  { command: 'chromium', debian: 'chromium', off: 'tests with a browser', purposes: ['test'] },
  {
    command: 'chromium-headless-shell',
    debian: 'chromium-headless-shell',
    off: 'tests of the dashboard',
    purposes: ['test'],
  },
  { command: 'openvpn', debian: 'openvpn', off: 'OpenVPN', purposes: ['start', 'test', 'bench'] },
  {
    command: 'ip',
    debian: 'iproute2',
    off: 'OpenVPN; the lab of network namespaces',
    purposes: ['start', 'test'],
  },
  {
    command: 'nft',
    debian: 'nftables',
    off: 'OpenVPN; the lab of network namespaces',
    purposes: ['start', 'test'],
  },
  { command: 'sysctl', debian: 'procps', off: 'the lab of network namespaces', purposes: ['test'] },
  { command: 'tcpdump', debian: 'tcpdump', off: 'packet captures in the lab', purposes: ['test'] },
  { command: 'gtlsserver', debian: 'ngtcp2-server', off: 'the test with QUIC', purposes: ['test'] },
  { command: 'dig', debian: 'bind9-dnsutils', off: 'DNS tests', purposes: ['test'] },
  { command: 'openssl', debian: 'openssl', off: 'TLS tests', purposes: ['test'] },
  { command: 'ssh', debian: 'openssh-client', off: 'the OpenSSH rows of the benchmark', purposes: ['bench'] },
  {
    command: 'sshd',
    debian: 'openssh-server',
    off: 'the OpenSSH rows of the benchmark',
    purposes: ['bench'],
  },
];

/**
 * Installs missing system programs where that needs no questions (root on a system with apt-get); elsewhere says
 * what is off and how to turn it on. Never fails: what needs a program says so itself.
 * @param {Purpose} purpose
 */
export async function ensureSystemPackages(purpose) {
  const missing = PROGRAMS.filter(
    ({ purposes, command }) => purposes.includes(purpose) && !isInstalled(command),
  );
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  if (hasApt() && process.getuid?.() === 0) {
    await install(packages);
  }
  const still = missing.filter(({ command }) => !isInstalled(command));
  if (still.length > 0) report(still);
}

/** @param {readonly string[]} packages */
async function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ ...args) => runQuietly('apt-get', ['-q', ...args], env);
  const add = (/** @type {string[]} */ ...names) => apt('install', '-y', '--no-install-recommends', ...names);
  await withProgress(
    `Installing system packages that are missing here (${packages.join(', ')})`,
    async () => {
      // Without a network there may still be a list of packages, and packages on disk.
      await apt('update').catch(() => {});
      // A name that this release does not have must not keep the others away.
      await add(...packages).catch(async () => {
        for (const name of packages) await add(name).catch((error) => say(String(error.message)));
      });
    },
  );
}

/** @param {readonly SystemProgram[]} missing */
function report(missing) {
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  for (const { command, off } of missing) say(`Off: ${off} ("${command}" is not installed)`);
  if (hasApt()) say(`To turn it on: sudo apt-get install -y ${packages.join(' ')}`);
  else
    say(
      `To turn it on: install ${missing.map(({ command }) => command).join(', ')} with your package manager`,
    );
}

function hasApt() {
  return existsSync('/usr/bin/apt-get');
}

/** @param {string} command */
function isInstalled(command) {
  // The PATH of an ordinary user often lacks the sbin directories.
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
