import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Clock } from '@pocketproxy/runtime';

/** Names that this host knows without asking anybody. */
export interface HostNames {
  /** Addresses of `name`, in the order of the file; empty when the file does not have it. */
  addresses(name: string): readonly string[];
}

const REREAD_MS = 5_000;

/** `/etc/hosts`, read again after a few seconds. */
export class HostsFile implements HostNames {
  readonly #clock: Clock;
  readonly #path: string;
  #names = new Map<string, string[]>();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, path = '/etc/hosts') {
    this.#clock = clock;
    this.#path = path;
  }

  addresses(name: string): readonly string[] {
    const now = this.#clock.monotonic();
    if (now - this.#readAt > REREAD_MS) {
      this.#readAt = now;
      this.#names = readHosts(this.#path);
    }
    return this.#names.get(name) ?? [];
  }
}

function readHosts(path: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return names;
  }
  for (const line of text.split('\n')) {
    const [address, ...hosts] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!address || isIP(address) === 0) continue;
    for (const host of hosts) {
      const key = host.toLowerCase();
      names.set(key, [...(names.get(key) ?? []), address]);
    }
  }
  return names;
}
