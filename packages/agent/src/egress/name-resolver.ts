import { isIP } from 'node:net';
import { FlowError } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import { BoundedCache } from './bounded-cache.ts';
import { CaresClient, type DnsAnswer, type DnsClient } from './dns-query.ts';
import type { DnsServers } from './dns-servers.ts';
import type { EgressSource } from './egress-path.ts';
import type { DialAddress } from './happy-eyeballs.ts';
import type { HostNames } from './hosts-file.ts';

/** What is known of a name. The addresses are not checked yet. */
export interface Resolution {
  /** Families interleaved, IPv6 first (RFC 8305 section 4). */
  readonly addresses: readonly DialAddress[];
  /** The other family, when its answer is late. Never rejects. */
  readonly more: Promise<readonly DialAddress[]> | null;
}

export interface NameResolverOptions {
  readonly servers: DnsServers;
  readonly clock: Clock;
  /** Asked first, on paths that are not bound to an interface. */
  readonly hosts: HostNames;
  readonly makeClient?: (servers: readonly string[], source: EgressSource) => DnsClient;
}

const CACHE_ENTRIES = 2_000;
const MAX_TTL_MS = 60 * 60 * 1000;
/** Longer than the client's own attempts take: a question whose answer never comes must not stay in the cache. */
const QUESTION_TTL_MS = 30_000;
/** Resolution Delay, RFC 8305 section 3: how long an IPv4 answer waits for the IPv6 one. */
const RESOLUTION_DELAY_MS = 50;
/** The client itself goes on for longer when it knows several servers. */
const DEADLINE_MS = 5_000;
const NONE: readonly DialAddress[] = [];

/** Resolves names on the device, over the path that the traffic will take. */
export class NameResolver {
  readonly #options: NameResolverOptions;
  readonly #cache: BoundedCache<Promise<DnsAnswer>>;
  #client: DnsClient | null = null;
  #clientKey = '';

  constructor(options: NameResolverOptions) {
    this.#options = options;
    this.#cache = new BoundedCache(CACHE_ENTRIES, options.clock);
  }

  /** @throws {FlowError} name_not_found, dns_timeout, egress_unavailable */
  async resolve(name: string, source: EgressSource, bound: boolean): Promise<Resolution> {
    if (!bound) {
      const known = this.#options.hosts.addresses(name);
      if (known.length > 0) return { addresses: known.map(toDialAddress), more: null };
    }
    const client = this.#clientFor(source, bound);
    const v4 = source.ipv4 === null ? null : this.#answer(client, name, 4);
    const v6 = source.ipv6 === null ? null : this.#answer(client, name, 6);
    if (v4 && v6) return this.#both(v4, v6);
    const only = await (v4 ?? v6 ?? Promise.resolve(nothing()));
    if (only.addresses.length === 0) throw failure([only]);
    return { addresses: only.addresses, more: null };
  }

  /** Forgets everything: another network may give other answers. */
  reset(): void {
    this.#client?.cancel();
    this.#client = null;
    this.#clientKey = '';
    this.#cache.clear();
  }

  async #both(v4: Promise<Settled>, v6: Promise<Settled>): Promise<Resolution> {
    const first = await Promise.race([v4, v6]);
    const other = first.family === 4 ? v6 : v4;
    // IPv6 may go ahead at once; IPv4 gives IPv6 a moment; no address at all waits for the other.
    const waited =
      first.addresses.length === 0
        ? await other
        : await this.#within(other, first.family === 6 ? 0 : RESOLUTION_DELAY_MS);
    if (!waited) {
      return { addresses: first.addresses, more: other.then((late) => late.addresses) };
    }
    const addresses =
      first.family === 6
        ? interleave(first.addresses, waited.addresses)
        : interleave(waited.addresses, first.addresses);
    if (addresses.length === 0) throw failure([first, waited]);
    return { addresses, more: null };
  }

  /** `null` when `answer` takes longer than `ms`. */
  #within(answer: Promise<Settled>, ms: number): Promise<Settled | null> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimeout(() => resolve(null), ms);
      void answer.then((settled) => {
        timer.cancel();
        resolve(settled);
      });
    });
  }

  async #answer(client: DnsClient, name: string, family: 4 | 6): Promise<Settled> {
    const answer = await this.#within(settle(this.#ask(client, name, family), family), DEADLINE_MS);
    return answer ?? { family, addresses: NONE, error: new FlowError('dns_timeout') };
  }

  #ask(client: DnsClient, name: string, family: 4 | 6): Promise<DnsAnswer> {
    const key = `${family} ${name}`;
    const known = this.#cache.get(key);
    if (known) return known;
    const question = client.query(name, family);
    // Kept from now on, so that flows that start together ask once.
    this.#cache.set(key, question, QUESTION_TTL_MS);
    question.then(
      (answer) => this.#keep(key, question, Math.min(answer.ttl * 1000, MAX_TTL_MS)),
      () => this.#keep(key, question, 0),
    );
    return question;
  }

  #keep(key: string, question: Promise<DnsAnswer>, ttlMs: number): void {
    if (this.#cache.get(key) === question) this.#cache.set(key, question, ttlMs);
  }

  #clientFor(source: EgressSource, bound: boolean): DnsClient {
    const servers = this.#options.servers.for(source, bound);
    const key = `${source.ipv4} ${source.ipv6} ${servers.join(' ')}`;
    if (this.#client && this.#clientKey === key) return this.#client;
    this.reset();
    const make = this.#options.makeClient ?? ((list, from) => new CaresClient(list, from));
    this.#client = make(servers, source);
    this.#clientKey = key;
    return this.#client;
  }
}

interface Settled {
  readonly family: 4 | 6;
  readonly addresses: readonly DialAddress[];
  readonly error: FlowError | null;
}

function settle(question: Promise<DnsAnswer>, family: 4 | 6): Promise<Settled> {
  return question.then(
    (answer) => ({
      family,
      addresses: answer.addresses.map((address) => ({ address, family })),
      error: null,
    }),
    (error: unknown) => ({ family, addresses: NONE, error: toFlowError(error) }),
  );
}

function nothing(): Settled {
  return { family: 4, addresses: NONE, error: new FlowError('egress_unavailable') };
}

/** The reason that no family gave an address. */
function failure(settled: readonly Settled[]): FlowError {
  return settled.find((one) => one.error)?.error ?? new FlowError('name_not_found');
}

function toFlowError(error: unknown): FlowError {
  return error instanceof FlowError ? error : new FlowError('name_not_found', undefined, { cause: error });
}

function toDialAddress(address: string): DialAddress {
  return { address, family: isIP(address) === 6 ? 6 : 4 };
}

function interleave(first: readonly DialAddress[], second: readonly DialAddress[]): readonly DialAddress[] {
  const mixed: DialAddress[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i += 1) {
    const a = first[i];
    const b = second[i];
    if (a) mixed.push(a);
    if (b) mixed.push(b);
  }
  return mixed;
}
