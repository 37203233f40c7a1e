import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** What a reader needs to place the numbers. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly openssl: string;
  readonly openssh: string | null;
  readonly opensshCipher: string | null;
  /** Load average of the last minute before the run: above zero, other programs took part of the machine. */
  readonly loadBefore: number;
}

/** Facts of this machine. */
export function machineFacts(openssh: { version: string; cipher: string } | null): MachineFacts {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    openssl: process.versions.openssl,
    openssh: openssh?.version ?? null,
    opensshCipher: openssh?.cipher ?? null,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
