import { readdir, readFile } from 'node:fs/promises';
import type { TestServer } from '../harness/test-server.ts';

/** Process ids of the OpenVPN daemons of one server: by the configuration file that is in its data directory. */
export async function daemonPids({ dataDir }: TestServer): Promise<number[]> {
  const config = `${dataDir}/openvpn/server.conf`;
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return pids.filter((_, index) => {
    const [program = '', ...args] = lines[index]!.split('\0');
    return program.endsWith('openvpn') && args.includes(config);
  });
}
