import { randomInt } from 'node:crypto';
import { isIP } from 'node:net';
import { FlowError, isTruncatedDnsAnswer, parseDnsQuery, withDnsId } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import { askByTcp, askByUdp, type DnsRoute } from './dns-exchange.ts';
import type { DnsServers } from './dns-servers.ts';
import { bindAddress, type EgressSource } from './egress-path.ts';

const DNS_PORT = 53;
/** One server may be silent for this long before the next one is asked. */
const ATTEMPT_MS = 2_000;
/** Each server is asked this often before it is given up. */
const ROUNDS = 2;
/** Questions under way at once; a phone's resolver does not like more. */
const MAX_QUESTIONS = 256;

/** Passes whole DNS messages to the device's resolvers, over the path that the traffic takes. */
export class DnsForwarder {
  readonly #servers: DnsServers;
  readonly #clock: Clock;
  readonly #underWay = new Set<AbortController>();

  constructor(servers: DnsServers, clock: Clock) {
    this.#servers = servers;
    this.#clock = clock;
  }

  /**
   * Answers the first resolver's answer, whatever it says. What does not fit into a datagram is asked for by TCP.
   * @throws {FlowError} malformed_request, dns_timeout, egress_unavailable, overloaded
   */
  async forward(query: Uint8Array, source: EgressSource, bound: boolean): Promise<Uint8Array> {
    const parsed = parseDnsQuery(query);
    if (parsed === null)
      throw new FlowError('malformed_request', 'A DNS query with one question is expected');
    if (this.#underWay.size >= MAX_QUESTIONS)
      throw new FlowError('overloaded', 'Too many names are asked for');
    const routes = this.#servers.for(source, bound).map((server) => routeTo(server, source));
    // Whoever guesses answers has to guess our number, not that of a client whose numbers he may know.
    const question = withDnsId(query, randomInt(0x10000));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const route of routes) {
        const answer = await this.#attempt(question, route);
        if (answer !== null) return withDnsId(answer, parsed.id);
      }
    }
    throw new FlowError('dns_timeout', "The phone's resolvers did not answer");
  }

  /** Gives up all questions: their path is gone. */
  reset(): void {
    for (const controller of this.#underWay) controller.abort(pathGone());
  }

  async #attempt(question: Uint8Array, route: DnsRoute): Promise<Uint8Array | null> {
    const controller = new AbortController();
    this.#underWay.add(controller);
    const timer = this.#clock.setTimeout(() => controller.abort(), ATTEMPT_MS);
    try {
      const answer = await askByUdp(question, route, controller.signal);
      return isTruncatedDnsAnswer(answer) ? await askByTcp(question, route, controller.signal) : answer;
    } catch (error) {
      if (error instanceof FlowError) throw error;
      return null;
    } finally {
      timer.cancel();
      this.#underWay.delete(controller);
    }
  }
}

function pathGone(): FlowError {
  return new FlowError('egress_unavailable', 'The mobile path changed while the name was resolved');
}

/** @param server as `DnsServers` gives it: `address`, `address:port` or `[address]:port` */
function routeTo(server: string, source: EgressSource): DnsRoute {
  const match = isIP(server) === 0 ? /^\[?([^\]]+?)\]?:(\d+)$/.exec(server) : null;
  const host = match?.[1] ?? server;
  const local = isIP(host) === 6 ? source.ipv6 : source.ipv4;
  return { host, port: match ? Number(match[2]) : DNS_PORT, localAddress: bindAddress(local) };
}
