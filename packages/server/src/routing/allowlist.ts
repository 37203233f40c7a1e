import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** CIDR blocks and single addresses, parsed once per change of a connection. */
export class Allowlist {
  readonly #ranges: readonly Range[];

  /** Entries that do not parse match nothing; the API refuses them before they are stored. */
  constructor(entries: readonly string[]) {
    this.#ranges = entries.flatMap((entry) => parseRange(entry));
  }

  includes(address: string): boolean {
    if (this.#ranges.length === 0 || !ipaddr.isValid(address)) return false;
    const client = ipaddr.process(address);
    return this.#ranges.some(([block, bits]) => block.kind() === client.kind() && client.match(block, bits));
  }
}

function parseRange(entry: string): Range[] {
  if (ipaddr.isValidCIDR(entry)) return [ipaddr.parseCIDR(entry)];
  if (!ipaddr.isValid(entry)) return [];
  const address = ipaddr.process(entry);
  return [[address, address.kind() === 'ipv4' ? 32 : 128]];
}
