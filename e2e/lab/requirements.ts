import { tryCommand } from '../harness/run-command.ts';

const PROGRAMS = [
  ['ip', '-V'],
  ['nft', '-v'],
  ['sysctl', '-V'],
] as const;

/** Why the lab cannot be built here, or `null` when it can. */
export async function labUnavailable(): Promise<string | null> {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  for (const argv of PROGRAMS) {
    const found = await tryCommand(argv).then(
      (result) => result.code === 0,
      () => false,
    );
    if (!found) return `the program "${argv[0]}" is missing (packages iproute2, nftables, procps)`;
  }
  const probe = await tryCommand(['unshare', '--net', 'true']).catch(() => null);
  if (probe?.code !== 0) return 'this machine does not let root make network namespaces';
  return null;
}

/** The same as a title for `describe.skipIf`. */
export const LAB_UNAVAILABLE = await labUnavailable();
