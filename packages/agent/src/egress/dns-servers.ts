import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import {
  embeddedIpv4Addresses,
  FlowError,
  isLoopbackAddress,
  parseHostLiteral,
  refusedReason,
} from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import { cachedOwnAddresses } from './destination-policy.ts';
import type { EgressSource } from './egress-path.ts';

/** Which DNS servers to ask over a path. */
export interface DnsServers {
  /** @throws {FlowError} egress_unavailable when there is none that may be used */
  for(source: EgressSource, bound: boolean): readonly string[];
}

const RESOLV_CONF = '/etc/resolv.conf';
const REREAD_MS = 5_000;

export interface DnsServerOptions {
  /** From the settings; empty: those of resolv.conf. */
  readonly configured: readonly string[];
  readonly clock: Clock;
  readonly resolvConf?: string | undefined;
  /** Addresses of this device, in canonical spelling. */
  readonly ownAddresses?: (() => ReadonlySet<string>) | undefined;
}

/** The configured servers, or those that the system uses. */
export class SystemDnsServers implements DnsServers {
  readonly #options: DnsServerOptions;
  readonly #ownAddresses: () => ReadonlySet<string>;
  #read: { readonly at: number; readonly servers: readonly string[] } | null = null;

  constructor(options: DnsServerOptions) {
    this.#options = options;
    this.#ownAddresses = options.ownAddresses ?? cachedOwnAddresses(options.clock);
  }

  for(source: EgressSource, bound: boolean): readonly string[] {
    const all = this.#options.configured.length > 0 ? this.#options.configured : this.#fromSystem();
    if (all.length === 0) throw unusable('This device knows no DNS server. Set --dns-servers');
    if (!bound) return all;
    const remote = all.filter((server) => !this.#isHere(hostOf(server)));
    if (remote.length === 0) {
      throw unusable(
        `The DNS server ${all[0]} is a program on this device, whose own questions would not leave by the egress ` +
          'interface. Set --dns-servers to servers that the mobile network reaches',
      );
    }
    const usable = remote.filter((server) => (familyOf(server) === 4 ? source.ipv4 : source.ipv6) !== null);
    if (usable.length > 0) return usable;
    throw unusable(`The egress interface has no address of the kind that the DNS server ${remote[0]} needs`);
  }

  /** Whether the kernel would hand a question to `host` to a program on this device. */
  #isHere(host: string): boolean {
    // What is no unicast address on any network: the kernel takes 0.0.0.0 for its own loopback.
    if (isLoopbackAddress(host) || refusedReason(host, { allowPrivate: true }) !== null) return true;
    const literal = parseHostLiteral(host);
    const address = literal.kind === 'address' ? literal.address : host;
    return [address, ...embeddedIpv4Addresses(address)].some((spelling) =>
      this.#ownAddresses().has(spelling),
    );
  }

  #fromSystem(): readonly string[] {
    const now = this.#options.clock.monotonic();
    if (!this.#read || now - this.#read.at > REREAD_MS) {
      this.#read = { at: now, servers: readResolvConf(this.#options.resolvConf ?? RESOLV_CONF) };
    }
    return this.#read.servers;
  }
}

/** `address`, `address:port` or `[address]:port`, as `--dns-servers` takes them. */
export function isDnsServer(text: string): boolean {
  if (text.includes('%')) return false;
  if (isIP(text) !== 0) return true;
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  return match !== null && isIP(match[1] ?? match[2] ?? '') !== 0 && port > 0 && port < 65536;
}

function readResolvConf(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const servers = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!);
  // A link-local server is of one link, which need not be the egress.
  return servers.filter((server) => isIP(server) !== 0 && !server.includes('%')).slice(0, 3);
}

function hostOf(server: string): string {
  return isIP(server) !== 0 ? server : server.slice(0, server.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

function familyOf(server: string): number {
  return isIP(hostOf(server));
}

function unusable(detail: string): FlowError {
  return new FlowError('egress_unavailable', detail);
}
