import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DaemonFiles } from './daemon-config.ts';

/** What the daemon proves itself with, PEM. */
export interface DaemonIdentity {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** `tls-crypt-v2` server key. */
  readonly tlsCryptKey: string;
}

/** Where a daemon of this folder has its files, and its configuration. */
export function daemonFiles(folder: string): DaemonFiles & { readonly config: string } {
  return {
    config: join(folder, 'server.conf'),
    authority: join(folder, 'ca.crt'),
    certificate: join(folder, 'server.crt'),
    key: join(folder, 'server.key'),
    tlsCryptKey: join(folder, 'tls-crypt-v2.key'),
    management: join(folder, 'management.sock'),
  };
}

/** Writes everything that the daemon reads, for its owner alone. */
export async function writeDaemonFiles(
  folder: string,
  identity: DaemonIdentity,
  config: string,
): Promise<void> {
  const files = daemonFiles(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  await writePrivately(files.authority, identity.authority);
  await writePrivately(files.certificate, identity.certificate);
  await writePrivately(files.key, identity.key);
  await writePrivately(files.tlsCryptKey, identity.tlsCryptKey);
  await writePrivately(files.config, config);
}

/** A file that was readable by others before is not so for a moment. */
async function writePrivately(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
