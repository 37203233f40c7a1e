import { join, resolve } from 'node:path';
import type { NewConnection } from '../../e2e/harness/api-client.ts';
import { Child } from '../../e2e/harness/child.ts';
import { HERE, type Place } from '../../e2e/harness/place.ts';
import { TestAgent } from '../../e2e/harness/test-agent.ts';
import { TestServer } from '../../e2e/harness/test-server.ts';
import type { Route } from '../load/jobs.ts';
import type { Peer } from './peer.ts';

const THIS_TREE = resolve(import.meta.dirname, '../..');

export interface TreeOptions {
  /** Another checkout of this repository, with its own `node_modules`, whose programs are to be run. */
  readonly tree?: string | undefined;
  /** Options of Node for the program of this name: `server`, `agent` or `agent pair`. */
  readonly nodeArgs?: ((program: string) => readonly string[]) | undefined;
}

/** One phone of a server, with a connection of its own. */
export class BenchPhone implements Peer {
  readonly name: string;
  readonly #server: TestServer;
  readonly #agent: TestAgent;
  readonly #connection: NewConnection;

  constructor(name: string, server: TestServer, agent: TestAgent, connection: NewConnection) {
    this.name = name;
    this.#server = server;
    this.#agent = agent;
    this.#connection = connection;
  }

  get relayPid(): number {
    return this.#server.child.pid;
  }

  get agentPid(): number {
    return this.#agent.child.pid;
  }

  /** The way to the phone, with the password that every customer has. */
  route(via: 'socks5' | 'http'): Route {
    const { port, username, password } = this.#connection;
    return { via, port, login: { username, password } };
  }

  async stop(): Promise<void> {
    await this.#agent.end('SIGTERM');
    await this.#agent.destroy();
  }
}

/** A real server with its database, and real agents, over loopback. */
export class PocketProxy {
  readonly name: string;
  readonly server: TestServer;
  readonly #place: Place;
  readonly #phones: BenchPhone[] = [];

  private constructor(name: string, place: Place, server: TestServer) {
    this.name = name;
    this.#place = place;
    this.server = server;
  }

  static async start(name: string, options: TreeOptions = {}): Promise<PocketProxy> {
    const place = placeOf(options);
    return new PocketProxy(name, place, await TestServer.start({ place }));
  }

  /**
   * Pairs and starts one more phone.
   * @param detour answers the port by which the phone reaches the relay's tunnel port
   */
  async addPhone(name: string, detour?: (tunnelPort: number) => Promise<number>): Promise<BenchPhone> {
    const { tunnel } = this.server.ports;
    const rewritePairingUrl = async (url: string): Promise<string> =>
      detour ? url.replace(`:${tunnel}/`, `:${await detour(tunnel)}/`) : url;
    const agent = await TestAgent.start(this.server, name, { place: this.#place, rewritePairingUrl });
    const { deviceId } = agent;
    const connection = await this.server.api.createConnection({ deviceId, name });
    const phone = new BenchPhone(this.name, this.server, agent, connection);
    this.#phones.push(phone);
    return phone;
  }

  async stop(): Promise<void> {
    for (const phone of this.#phones) await phone.stop();
    await this.server.destroy();
  }
}

/** This machine, with the programs of the given checkout. */
function placeOf({ tree = THIS_TREE, nodeArgs = () => [] }: TreeOptions): Place {
  const here = join(THIS_TREE, 'packages');
  const there = join(resolve(tree), 'packages');
  return {
    ...HERE,
    spawn: ([command, ...args], options) => {
      const mapped = args.map((arg) => (arg.startsWith(here) ? there + arg.slice(here.length) : arg));
      return new Child([command!, ...nodeArgs(options?.name ?? ''), ...mapped], options);
    },
  };
}
