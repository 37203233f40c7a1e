import type { Host } from './host.ts';

/** What left by one interface, as counted by the kernel. */
export interface Traffic {
  /** Packets that matched the expected traffic. */
  readonly expected: number;
  /** IP packets of any other kind, except neighbour and group discovery of the link itself. */
  readonly other: number;
}

interface NftCounters {
  readonly nftables: readonly { readonly counter?: { readonly name: string; readonly packets: number } }[];
}

let meters = 0;

/**
 * Counts every packet that leaves by an interface. Sits in the device's egress hook, so that no socket option and no
 * route goes past it, and needs no waiting: a counter is exact when it is read.
 */
export class TrafficMeter {
  readonly #host: Host;
  readonly #table: string;

  private constructor(host: Host, table: string) {
    this.#host = host;
    this.#table = table;
  }

  /** `expected` are nftables matches, such as `ip daddr 1.2.3.4 tcp dport 7443`. */
  static async start(host: Host, device: string, expected: readonly string[]): Promise<TrafficMeter> {
    const table = `meter${++meters}`;
    await host.nft(`table netdev ${table} {
      counter expected { }
      counter other { }
      chain out {
        type filter hook egress device "${device}" priority 0;
        meta protocol != { ip, ip6 } accept
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld-listener-report, mld2-listener-report } accept
        ip protocol igmp accept
        ${expected.map((match) => `${match} counter name "expected" accept`).join('\n        ')}
        counter name "other"
      }
    }`);
    return new TrafficMeter(host, table);
  }

  async read(): Promise<Traffic> {
    const json = await this.#host.run(['nft', '-j', 'list', 'counters', 'table', 'netdev', this.#table]);
    const counters = (JSON.parse(json) as NftCounters).nftables.flatMap(({ counter }) => counter ?? []);
    const packets = (name: string): number => counters.find((counter) => counter.name === name)?.packets ?? 0;
    return { expected: packets('expected'), other: packets('other') };
  }

  async stop(): Promise<void> {
    await this.#host.nft(`delete table netdev ${this.#table}`);
  }
}
