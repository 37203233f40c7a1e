import {
  addressDnsAnswer,
  DNS_CLASS_IN,
  DNS_RCODES,
  DNS_TYPES,
  type DnsQuery,
  EXIT_IP_HOST,
  emptyDnsAnswer,
  FlowError,
  parseDnsQuery,
} from '@pocketproxy/protocol';
import type { Logger } from '@pocketproxy/runtime';
import type { NameIngress } from '../../domain/vpn.ts';
import type { PathClient } from '../path/client-table.ts';
import { type Ipv4, parseIpv4 } from '../sockets/socket-address.ts';

/** Questions of one client under way; more are lost, and asked again by whoever asks. */
const MAX_QUERIES = 64;
/** The server's address changes with the settings at most. */
const OWN_NAME_TTL_S = 60;

export interface NameServiceOptions {
  readonly names: NameIngress;
  /** Also the address of the page that tells the exit address. */
  readonly serverAddress: string;
  readonly log: Logger;
}

/** A question that is worth an answer. */
export interface Asked {
  readonly query: DnsQuery;
  readonly answer: Uint8Array;
}

/** The resolver that VPN clients are given: their phone's own, and the one name that is ours. */
export class NameService {
  readonly #options: NameServiceOptions;
  readonly #serverAddress: Uint8Array;

  constructor(options: NameServiceOptions) {
    this.#options = options;
    this.#serverAddress = addressBytes(parseIpv4(options.serverAddress)!);
  }

  /** Answers a query, `null` for what deserves none. Never rejects. */
  async answer(client: PathClient, message: Uint8Array): Promise<Asked | null> {
    const query = parseDnsQuery(message);
    if (query === null || client.queries.size >= MAX_QUERIES) return null;
    if (query.name === EXIT_IP_HOST) return { query, answer: this.#ownName(message, query) };
    const controller = new AbortController();
    const ending = { end: () => controller.abort() };
    client.queries.add(ending);
    try {
      const answer = await this.#options.names.query(client.access, message, controller.signal);
      return { query, answer };
    } catch (error) {
      return { query, answer: emptyDnsAnswer(message, query, this.#rcode(error)) };
    } finally {
      client.queries.delete(ending);
    }
  }

  #ownName(message: Uint8Array, query: DnsQuery): Uint8Array {
    if (query.type !== DNS_TYPES.a || query.class !== DNS_CLASS_IN) {
      return emptyDnsAnswer(message, query, DNS_RCODES.noError);
    }
    return addressDnsAnswer(message, query, this.#serverAddress, OWN_NAME_TTL_S);
  }

  #rcode(error: unknown): number {
    if (error instanceof FlowError) {
      this.#options.log.debug({ error: error.code, detail: error.detail }, 'name not resolved');
    } else this.#options.log.error({ err: error }, 'a name was not resolved for an unknown reason');
    return DNS_RCODES.serverFailure;
  }
}

function addressBytes(address: Ipv4): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, address);
  return bytes;
}
