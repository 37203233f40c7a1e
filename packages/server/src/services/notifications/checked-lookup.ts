import type { LookupAddress } from 'node:dns';
import { lookup, Resolver, TIMEOUT } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { parseHostLiteral, refusedReason } from '@pocketproxy/protocol';

/** Addresses of a name. @throws {Error} when there are none */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Why an address may not be dialled, or `null` when it may. */
export type AddressCheck = (address: string) => string | null;

/** The host is, or has, an address that may not be dialled. */
export class RefusedHostError extends Error {
  readonly reason: string;

  constructor(host: string, reason: string) {
    super(`${host} is refused: ${reason}`);
    this.name = 'RefusedHostError';
    this.reason = reason;
  }
}

/** The check of customers' destinations. */
export function addressCheck(allowPrivate: boolean): AddressCheck {
  return (address) => refusedReason(address, { allowPrivate });
}

/**
 * Refuses a host that is an address already, which is dialled without being looked up. `hostname` as a `URL` has it,
 * where every spelling of a number has become the address that is dialled.
 */
export function refusedLiteral(hostname: string, check: AddressCheck): string | null {
  const literal = parseHostLiteral(hostname);
  switch (literal.kind) {
    case 'refused':
      return literal.reason;
    case 'address':
      return check(literal.address);
    case 'localhost':
      return check('127.0.0.1');
    case 'name':
      return null;
  }
}

/**
 * A lookup for sockets: resolves once, checks every address of the answer, and gives the socket those that it
 * checked. A name that has another address a moment later is of no use, and one with a good and a bad one is refused.
 */
export function checkedLookup(resolve: Resolve, check: AddressCheck): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [refused] = addresses.flatMap(({ address }) => check(address) ?? []);
        const [first] = addresses;
        if (refused !== undefined) callback(new RefusedHostError(hostname, refused), []);
        else if (options.all) callback(null, [...addresses]);
        else if (first) callback(null, first.address, first.family);
        else callback(notFound(hostname), []);
      },
      (error: Error) => callback(error, []),
    );
  };
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
}

const DNS_TIMEOUT_MS = 2_000;
const DNS_TRIES = 2;

/**
 * Asks name servers (those of the system when left out, `address:port`) by c-ares, which does not take one of libuv's
 * four threads for as long as a server is silent, and then the system itself for what only it knows, such as names in
 * /etc/hosts.
 */
export function nameResolution(servers?: readonly string[]): Resolve {
  return async (hostname) => {
    if (parseHostLiteral(hostname).kind === 'localhost') return await lookup(hostname, { all: true });
    // Made for each name: the system's name servers may have changed since the start.
    const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
    if (servers) resolver.setServers(servers);
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
    if (addresses.length > 0) return addresses;
    // The system would wait for the same servers.
    if (v4.status === 'rejected' && isTimeout(v4.reason)) throw v4.reason;
    return await lookup(hostname, { all: true });
  };
}

function addressesOf(answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === TIMEOUT;
}
