import { missingPrograms } from '../harness/programs.ts';
import { tryCommand } from '../harness/run-command.ts';

/** Programs of the packages iproute2, nftables, procps, util-linux, tcpdump, curl, netcat-openbsd and git. */
const PROGRAMS = ['ip', 'ss', 'nft', 'sysctl', 'unshare', 'tcpdump', 'curl', 'nc', 'git'];

/** Why the lab cannot be built here, or `null` when it can. */
async function labUnavailable(): Promise<string | null> {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = missingPrograms(...PROGRAMS);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  const probe = await tryCommand(['unshare', '--net', 'true']);
  return probe.code === 0 ? null : 'this machine does not let root make network namespaces';
}

/** Why the tests of the lab are skipped here; `null` when they run. */
export const LAB_UNAVAILABLE = await labUnavailable();
