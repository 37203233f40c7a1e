import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from '../harness/child.ts';
import { cpuSeconds } from '../harness/processor-time.ts';
import { openServerDatabase } from '../harness/server-database.ts';
import { within } from '../harness/until.ts';

const WITHIN_MS = 60_000;
const POLL_MS = 5;

/** How one start went: milliseconds since the process was made, until a port took a connection. */
export interface Start {
  readonly tunnel: number;
  readonly firstProxy: number;
  readonly lastProxy: number;
  readonly api: number;
  /** Processor time of the server and of its database until all of them did, in milliseconds. */
  readonly serverCpu: number;
  readonly databaseCpu: number;
}

export interface StoredServerOptions {
  /** The repository whose server is started. */
  readonly root: string;
  readonly dataDir: string;
  readonly ports: { readonly http: number; readonly tunnel: number };
  readonly firstProxy: number;
  readonly connections: number;
}

/** A server without phones whose database says that it has many, all of them connected. */
export class StoredServer {
  readonly #options: StoredServerOptions;
  #child: Child | null = null;

  private constructor(options: StoredServerOptions) {
    this.#options = options;
  }

  /** Starts it for the first time, and fills its database. */
  static async create(options: StoredServerOptions): Promise<StoredServer> {
    const server = new StoredServer(options);
    server.#spawn();
    await server.#takes(options.ports.http);
    const sql = openServerDatabase(options);
    const [relay] = await sql`select id from relays`;
    const owner = { id: 'crowd', relay: relay!.id as string, port: options.firstProxy };
    await sql`insert into organization (id, name, slug, created_at) values (${owner.id}, 'Crowd', 'crowd', now())`;
    for (let index = 0; index < options.connections; index += 1) {
      const [device, port] = [randomUUID(), owner.port + index];
      await sql`
        insert into devices (id, organization_id, relay_id, name, platform, key_fingerprint, agent_version)
        values (${device}, ${owner.id}, ${owner.relay}, 'Phone', 'simulated', ${device}, '1')`;
      await sql`
        insert into connections (id, organization_id, device_id, relay_id, name, port, username, credential_scheme,
          credential_hash, quota_period_start)
        values (${randomUUID()}, ${owner.id}, ${device}, ${owner.relay}, 'Access', ${port}, ${`user-${port}`},
          'hmac-sha256', 'x', now())`;
    }
    await sql.end();
    await server.end('SIGTERM');
    return server;
  }

  /** Starts it and waits until it listens everywhere. */
  async start(): Promise<Start> {
    const { ports, firstProxy, connections } = this.#options;
    const startedAt = performance.now();
    const child = this.#spawn();
    const since = async (port: number) => {
      await this.#takes(port);
      return Math.round(performance.now() - startedAt);
    };
    const [tunnel, first, last, api] = await Promise.all(
      [ports.tunnel, firstProxy, firstProxy + connections - 1, ports.http].map(since),
    );
    const database = await openServerDatabase(this.#options);
    const [row] = await database`select pg_read_file('postmaster.pid') as lines`;
    await database.end();
    const postmaster = Number((row!.lines as string).split('\n')[0]);
    return {
      ...{ tunnel: tunnel!, firstProxy: first!, lastProxy: last!, api: api! },
      serverCpu: Math.round((await cpuSeconds(child.pid)) * 1_000),
      databaseCpu: Math.round((await cpuSeconds(postmaster)) * 1_000),
    };
  }

  /** Ends it as if all phones were connected and had flows. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const sql = openServerDatabase(this.#options);
    await sql`update devices set connected_relay_id = relay_id, last_seen_at = now()`;
    await sql`update connections set open_flows = 1`;
    await sql.end();
    child.signal(signal);
    await within(`the server to end after ${signal}`, WITHIN_MS, child.exited);
  }

  /** Ends it whatever state it is in. */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  #spawn(): Child {
    const { root, dataDir, ports, firstProxy, connections } = this.#options;
    this.#child = new Child([process.execPath, join(root, 'packages/server/src/cli.ts'), 'server'], {
      name: 'server',
      cwd: root,
      env: {
        POCKETPROXY_DATA_DIR: dataDir,
        POCKETPROXY_HTTP_LISTEN: `127.0.0.1:${ports.http}`,
        POCKETPROXY_TUNNEL_LISTEN: `127.0.0.1:${ports.tunnel}`,
        POCKETPROXY_PROXY_LISTEN: '127.0.0.1',
        POCKETPROXY_PORT_RANGE: `${firstProxy}-${firstProxy + connections - 1}`,
        POCKETPROXY_VPN_LISTEN: 'off',
      },
    });
    return this.#child;
  }

  /** Resolves when the port takes a connection. */
  async #takes(port: number): Promise<void> {
    const child = this.#child!;
    const attempts = (async () => {
      while (child.running && !(await accepts(port))) await delay(POLL_MS);
      if (!child.running) throw new Error(`The server ended:\n${child.log.tail(30)}`);
    })();
    await within(`port ${port} to take a connection`, WITHIN_MS, attempts);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
