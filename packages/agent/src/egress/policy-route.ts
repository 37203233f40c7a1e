import { createHash } from 'node:crypto';
import type { IpCommand } from './ip-command.ts';
import {
  type DeviceRoute,
  defaultNextHop,
  type NextHop,
  networksOf,
  type RoutingTables,
  readRoutingTables,
  routesOf,
} from './routing-tables.ts';

/** Marks our rules; before the system's own (32766). */
export const RULE_PRIORITY = 7443;
/** Worse than any route that reaches something. */
const LAST_METRIC = '4294967294';
const FAMILIES = [4, 6] as const;

export interface PolicyRouteOptions {
  readonly ip: IpCommand;
  readonly device: string;
  /** Tells the tables of one device apart, e.g. `egress` and `tunnel`. */
  readonly purpose: string;
  /** Used where the system knows no default route of the device. */
  readonly gateways: readonly string[];
}

/**
 * "Traffic from this address leaves by this interface or not at all", told to the kernel: binding a socket to an
 * address does not choose its route. A rule sends the address to a table of our own, which has the interface's
 * routes and, behind them, a refusal. So when the interface goes down, or the agent is killed, nothing takes
 * another way. Only what carries our priority and table is ever changed.
 */
export class PolicyRoute {
  readonly table: string;
  readonly #options: PolicyRouteOptions;

  constructor(options: PolicyRouteOptions) {
    this.#options = options;
    this.table = tableNumber(`${options.purpose} ${options.device}`);
  }

  /**
   * Makes the rule and the table for `address`; changes nothing that is right already.
   * @throws {IpCommandError} without the right to do so, {@link NoGatewayError} without a next hop
   */
  async ensure(family: 4 | 6, address: string): Promise<void> {
    const tables = await readRoutingTables(this.#options.ip, family);
    const { device } = this.#options;
    // Its own network, too: other programs of this host answer their neighbours from the same address.
    const wanted = [...networksOf(tables, device), toDefaultRoute(await this.nextHop(tables))];
    const present = routesOf(tables, device, this.table);
    // The refusal first and the rule last: at no moment does the rule lead to an empty table.
    if (!this.#hasRefusal(tables)) await this.#change(family, this.#refusal());
    for (const route of wanted) {
      if (!includes(present, route)) await this.#change(family, this.#route('replace', route));
    }
    for (const route of present) {
      const isReplaced = wanted.some(({ destination }) => destination === route.destination);
      if (!isReplaced) await this.#change(family, this.#route('del', route));
    }
    if (!this.#addresses(tables).includes(address)) await this.#change(family, this.#rule('add', address));
  }

  /** Addresses of this IP version that have a rule of ours. */
  async addresses(family: 4 | 6): Promise<readonly string[]> {
    return this.#addresses(await readRoutingTables(this.#options.ip, family));
  }

  /** Removes the rule of an address that is no longer in use. */
  async forget(family: 4 | 6, address: string): Promise<void> {
    await this.#change(family, this.#rule('del', address));
  }

  /** Removes everything that is ours but the rules that `keep` wants, which it answers. */
  async remove(keep: (address: string) => Promise<boolean>): Promise<readonly string[]> {
    const kept: string[] = [];
    for (const family of FAMILIES) {
      const tables = await readRoutingTables(this.#options.ip, family);
      const before = kept.length;
      for (const address of this.#addresses(tables)) {
        if (await keep(address)) kept.push(address);
        else await this.forget(family, address);
      }
      const isEmpty = !tables.routes.some((route) => route.table === this.table);
      if (kept.length === before && !isEmpty)
        await this.#change(family, ['route', 'flush', 'table', this.table]);
    }
    return kept;
  }

  /** @throws {NoGatewayError} */
  async nextHop(tables: RoutingTables): Promise<NextHop> {
    const { device, gateways } = this.#options;
    const configured = gateways.find((gateway) => gateway.includes(':') === (tables.family === 6));
    if (configured !== undefined) return { gateway: configured };
    const found = defaultNextHop(tables, device, this.table);
    if (found) return found;
    if (await this.#isPointToPoint()) return { gateway: null };
    throw new NoGatewayError(device, tables.family);
  }

  /** The commands that do the same by hand, for an agent that may not. */
  commands(family: 4 | 6, address: string, hop: NextHop): string {
    return [this.#refusal(), this.#route('replace', toDefaultRoute(hop)), this.#rule('add', address)]
      .map((args) => `ip -${family} ${args.join(' ')}`)
      .join('; ');
  }

  async #isPointToPoint(): Promise<boolean> {
    const links = await this.#options.ip.read(['link', 'show', 'dev', this.#options.device]);
    const flags = (links as { flags?: unknown }[])[0]?.flags;
    return Array.isArray(flags) && (flags.includes('POINTOPOINT') || flags.includes('NOARP'));
  }

  #addresses({ rules }: RoutingTables): readonly string[] {
    return rules
      .filter((rule) => rule.priority === RULE_PRIORITY && rule.table === this.table)
      .map((rule) => rule.src);
  }

  #hasRefusal({ routes }: RoutingTables): boolean {
    return routes.some((route) => route.table === this.table && route.type === 'unreachable');
  }

  #refusal(): string[] {
    return ['route', 'replace', 'unreachable', 'default', 'metric', LAST_METRIC, 'table', this.table];
  }

  #route(verb: 'replace' | 'del', { destination, gateway }: DeviceRoute): string[] {
    // On the link whatever the main table says: it is the interface's gateway, or was given to us as such.
    const hop = gateway === null ? [] : ['via', gateway, 'onlink'];
    return ['route', verb, destination, ...hop, 'dev', this.#options.device, 'table', this.table];
  }

  #rule(verb: string, address: string): string[] {
    return ['rule', verb, 'from', address, 'lookup', this.table, 'priority', String(RULE_PRIORITY)];
  }

  #change(family: 4 | 6, args: readonly string[]): Promise<void> {
    return this.#options.ip.run([`-${family}`, ...args]);
  }
}

function toDefaultRoute({ gateway }: NextHop): DeviceRoute {
  return { destination: 'default', gateway };
}

function includes(routes: readonly DeviceRoute[], { destination, gateway }: DeviceRoute): boolean {
  return routes.some((route) => route.destination === destination && route.gateway === gateway);
}

/** No default route names the way out of an interface that needs a gateway. */
export class NoGatewayError extends Error {
  readonly code = 'no_gateway';

  constructor(device: string, family: 4 | 6) {
    super(`the system knows no IPv${family} gateway of ${device}; set --egress-gateway`);
    this.name = 'NoGatewayError';
  }
}

/** Stable, so that an agent that starts again finds what it made before, and away from numbers that people choose. */
function tableNumber(label: string): string {
  const digest = createHash('sha256').update(label).digest();
  return String(0x5050_0000 + (digest.readUInt32BE(0) % 0x10000));
}
