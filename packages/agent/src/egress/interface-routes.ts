import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { EgressSource } from './egress-path.ts';
import type { IpCommand } from './ip-command.ts';
import type { KernelSockets } from './kernel-sockets.ts';
import type { PolicyRoute } from './policy-route.ts';
import { routeProblem } from './route-check.ts';
import { readRoutingTables } from './routing-tables.ts';

/** What of an interface's addresses may be used. */
export interface CheckedSource {
  readonly source: EgressSource;
  /** Why something is missing, and what would help; `null` when nothing is. */
  readonly problem: string | null;
}

/** Makes the kernel route an interface's addresses by that interface alone, or finds out that it does not. */
export interface InterfaceRoutes {
  /** Never rejects. */
  establish(addresses: EgressSource): Promise<CheckedSource>;
  /** Undoes what was set up. Never rejects. */
  remove(): Promise<void>;
}

export interface PolicyRoutesOptions {
  readonly device: string;
  readonly ip: IpCommand;
  readonly route: PolicyRoute;
  readonly sockets: KernelSockets;
  /** Whether to try to set routes up (root); otherwise they are only looked at. */
  readonly privileged: boolean;
  /** Whether an address whose traffic could leave by another interface is used all the same. */
  readonly lenient: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long the rule of an address that went away is kept at least, for datagrams and the like. */
const RETIREMENT_MS = 60_000;

/** The real thing, by `ip rule` and `ip route`. */
export class PolicyRoutes implements InterfaceRoutes {
  readonly #options: PolicyRoutesOptions;
  readonly #retiring = new Map<string, Timer>();
  #firstTime = true;

  constructor(options: PolicyRoutesOptions) {
    this.#options = options;
  }

  async establish(addresses: EgressSource): Promise<CheckedSource> {
    const [v4, v6] = await Promise.all([this.#check(4, addresses.ipv4), this.#check(6, addresses.ipv6)]);
    this.#firstTime = false;
    return {
      source: { ipv4: v4 === null ? addresses.ipv4 : null, ipv6: v6 === null ? addresses.ipv6 : null },
      problem: v4 ?? v6,
    };
  }

  async remove(): Promise<void> {
    for (const timer of this.#retiring.values()) timer.cancel();
    this.#retiring.clear();
    const { device, privileged, route, sockets, log } = this.#options;
    if (!privileged) return;
    try {
      const kept = await route.remove((address) => sockets.lingering(address));
      if (kept.length > 0)
        log.info({ interface: device, kept }, 'rules stay while the kernel still ends connections');
    } catch (error) {
      log.warn({ err: error, interface: device }, 'policy routes could not be removed');
    }
  }

  /** The problem with `address`, or `null`. */
  async #check(family: 4 | 6, address: EgressSource['ipv4']): Promise<string | null> {
    if (address === null || address === 'any') return null;
    const { device, ip, privileged, lenient, log } = this.#options;
    try {
      const failure = privileged ? await this.#ensure(family, address) : null;
      const problem = await routeProblem(ip, device, family, address);
      if (problem === null) return null;
      if (lenient) {
        log.warn({ interface: device, problem }, 'the tunnel may leave by another interface');
        return null;
      }
      return `${problem}${failure ? ` (${failure})` : ''}. ${await this.#advice(family, address)}`;
    } catch (error) {
      log.error({ err: error, interface: device }, 'routes could not be read');
      return lenient ? null : `The routes of ${device} could not be read: is iproute2 installed?`;
    }
  }

  /** Why the rule could not be made, or `null`. */
  async #ensure(family: 4 | 6, address: string): Promise<string | null> {
    try {
      await this.#options.route.ensure(family, address);
      await this.#retireOthers(family, address);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /**
   * What the kernel still has to send from an address that went away must find the refusal of our table, and not the
   * main table: its rule stays until nothing is left.
   */
  async #retireOthers(family: 4 | 6, current: string): Promise<void> {
    this.#retiring.get(current)?.cancel();
    this.#retiring.delete(current);
    for (const address of await this.#options.route.addresses(family)) {
      if (address === current || this.#retiring.has(address)) continue;
      // Left behind by an agent that was killed, perhaps long ago.
      if (this.#firstTime) await this.#forgetUnlessLingering(family, address);
      else this.#retireLater(family, address);
    }
  }

  #retireLater(family: 4 | 6, address: string): void {
    const { clock, log } = this.#options;
    const timer = clock.setTimeout(() => {
      this.#retiring.delete(address);
      this.#forgetUnlessLingering(family, address).catch((error: unknown) =>
        log.debug({ err: error, address }, 'an old rule could not be removed'),
      );
    }, RETIREMENT_MS);
    this.#retiring.set(address, timer);
  }

  async #forgetUnlessLingering(family: 4 | 6, address: string): Promise<void> {
    if (await this.#options.sockets.lingering(address)) this.#retireLater(family, address);
    else await this.#options.route.forget(family, address);
  }

  async #advice(family: 4 | 6, address: string): Promise<string> {
    const { route, ip } = this.#options;
    try {
      const hop = await route.nextHop(await readRoutingTables(ip, family));
      return `Run the agent as root, or run as root: ${route.commands(family, address, hop)}`;
    } catch (error) {
      return (error as Error).message;
    }
  }
}
