import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Telemetry } from '@pocketproxy/protocol';

/** Bytes of the device's interfaces so far, or `null` where nobody counts them. Never rejects. */
export type CountInterfaces = () => Promise<Telemetry['interfaces']>;

export interface CountedInterfaces {
  /** Customers' traffic leaves here. */
  readonly egress: string | null;
  /** The tunnel leaves here. */
  readonly tunnel: string | null;
  /** Where `/sys` is; tests give a folder of their own. */
  readonly root?: string;
}

/**
 * Counts by the kernel, since the interface appeared. Only two interfaces that are named and differ tell mobile data
 * and Wi-Fi apart.
 */
export function countInterfaces({ egress, tunnel, root = '/' }: CountedInterfaces): CountInterfaces {
  if (egress === null || tunnel === null || egress === tunnel) return async () => null;
  const read = (name: string, counter: string) =>
    readCounter(join(root, 'sys/class/net', name, 'statistics', counter));
  return async () => {
    const [wifiUp, wifiDown, mobileUp, mobileDown] = await Promise.all([
      read(tunnel, 'tx_bytes'),
      read(tunnel, 'rx_bytes'),
      read(egress, 'tx_bytes'),
      read(egress, 'rx_bytes'),
    ]);
    return { wifiUp, wifiDown, mobileUp, mobileDown };
  };
}

/** `null` while the interface is not there. */
async function readCounter(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const value = Number(text.trim() || 'missing');
  return Number.isSafeInteger(value) ? value : null;
}
