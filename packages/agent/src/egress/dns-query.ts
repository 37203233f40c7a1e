import { Resolver } from 'node:dns';
import { FlowError } from '@pocketproxy/protocol';
import { bindAddress, type EgressSource } from './egress-path.ts';

/** Answer to one question about one name and address family. */
export interface DnsAnswer {
  /** Empty when the name exists without such addresses, or does not exist. */
  readonly addresses: readonly string[];
  /** How long the answer may be kept, in seconds. */
  readonly ttl: number;
}

/** Asks DNS servers from one local address. */
export interface DnsClient {
  /** @throws {FlowError} dns_timeout, name_not_found, egress_unavailable */
  query(name: string, family: 4 | 6): Promise<DnsAnswer>;
  /** Ends all questions. */
  cancel(): void;
}

/** RFC 2308 would have us use the zone's SOA, which c-ares does not tell: short enough to never be in the way. */
const NEGATIVE_TTL = 5;
const ATTEMPT_TIMEOUT_MS = 2_000;
const ATTEMPTS = 2;

/** c-ares, bound to the egress: it never asks the system's resolver, and leaves libuv's threads alone. */
export class CaresClient implements DnsClient {
  readonly #resolver = new Resolver({ timeout: ATTEMPT_TIMEOUT_MS, tries: ATTEMPTS });

  /** @param servers as `dns.setServers` takes them, each of a family that `source` has */
  constructor(servers: readonly string[], source: EgressSource) {
    this.#resolver.setServers(servers);
    const ipv4 = bindAddress(source.ipv4);
    const ipv6 = bindAddress(source.ipv6);
    if (ipv4 !== undefined || ipv6 !== undefined)
      this.#resolver.setLocalAddress(ipv4 ?? '0.0.0.0', ipv6 ?? '::');
  }

  query(name: string, family: 4 | 6): Promise<DnsAnswer> {
    return new Promise((resolve, reject) => {
      const done = (
        error: NodeJS.ErrnoException | null,
        records: readonly { readonly address: string; readonly ttl: number }[],
      ) => {
        if (!error) return resolve(answerOf(records));
        if (error.code === 'ENODATA' || error.code === 'ENOTFOUND') {
          return resolve({ addresses: [], ttl: NEGATIVE_TTL });
        }
        reject(dnsError(error));
      };
      if (family === 4) this.#resolver.resolve4(name, { ttl: true }, done);
      else this.#resolver.resolve6(name, { ttl: true }, done);
    });
  }

  cancel(): void {
    this.#resolver.cancel();
  }
}

function answerOf(records: readonly { readonly address: string; readonly ttl: number }[]): DnsAnswer {
  if (records.length === 0) return { addresses: [], ttl: NEGATIVE_TTL };
  return {
    addresses: records.map((record) => record.address),
    ttl: Math.min(...records.map((record) => record.ttl)),
  };
}

function dnsError(cause: NodeJS.ErrnoException): FlowError {
  switch (cause.code) {
    case 'ETIMEOUT':
    case 'ECONNREFUSED':
      return new FlowError('dns_timeout', "The phone's resolvers did not answer", { cause });
    case 'ECANCELLED':
    case 'EDESTRUCTION':
      return new FlowError('egress_unavailable', 'The mobile path changed while the name was resolved', {
        cause,
      });
    case 'ENOMEM':
      return new FlowError('overloaded', undefined, { cause });
    case 'EBADNAME':
      return new FlowError('name_not_found', undefined, { cause });
    default:
      return new FlowError('name_not_found', `The phone's resolver failed (${cause.code ?? 'unknown'})`, {
        cause,
      });
  }
}
