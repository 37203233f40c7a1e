import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from './api-client.ts';
import type { Child } from './child.ts';
import { freePort, freePortRange } from './free-ports.ts';
import { HERE, type Place } from './place.ts';
import { runCommand } from './run-command.ts';
import { until, within } from './until.ts';

const CLI = join(import.meta.dirname, '../../packages/server/src/cli.ts');
/** The first administrator of every server here. */
export const ADMIN = { email: 'admin@lab.example', password: 'correct horse battery staple' };
const PROXY_PORTS = 60;
/** On a machine that is many times too small for what runs on it: how soon it must be is for tests to say. */
const START_WITHIN_MS = 120_000;
/** Names the folder of an empty database that servers begin with, as `vitest.global-setup.ts` does. */
export const DATABASE_TEMPLATE = 'E2E_DATABASE_TEMPLATE';

export interface ServerOptions {
  readonly place?: Place | undefined;
  /** Settings beside those that every test server has. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Free ones of this machine when left out. */
  readonly ports?: ServerPorts | undefined;
}

/** Ports of one test server; they survive its restarts. */
export interface ServerPorts {
  readonly http: number;
  readonly tunnel: number;
  readonly firstProxy: number;
}

/** The real server with an embedded database of its own, as a child process. */
export class TestServer {
  readonly dataDir: string;
  readonly ports: ServerPorts;
  readonly api: ApiClient;
  readonly #place: Place;
  readonly #env: Readonly<Record<string, string>>;
  #child: Child | null = null;

  private constructor(dataDir: string, ports: ServerPorts, api: ApiClient, options: ServerOptions) {
    this.dataDir = dataDir;
    this.ports = ports;
    this.api = api;
    this.#place = options.place ?? HERE;
    this.#env = {
      POCKETPROXY_DATA_DIR: dataDir,
      POCKETPROXY_HTTP_LISTEN: `127.0.0.1:${ports.http}`,
      POCKETPROXY_TUNNEL_LISTEN: `127.0.0.1:${ports.tunnel}`,
      POCKETPROXY_PROXY_LISTEN: '127.0.0.1',
      POCKETPROXY_PORT_RANGE: `${ports.firstProxy}-${ports.firstProxy + PROXY_PORTS - 1}`,
      POCKETPROXY_VPN_LISTEN: 'off',
      POCKETPROXY_ADMIN_EMAIL: ADMIN.email,
      POCKETPROXY_ADMIN_PASSWORD: ADMIN.password,
      ...options.env,
    };
  }

  /** Starts a server and logs in. */
  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const place = options.place ?? HERE;
    const dataDir = await mkdtemp(join(tmpdir(), 'pp-server-'));
    const ports = options.ports ?? (await freePorts());
    const api = new ApiClient(await place.reach('127.0.0.1', ports.http));
    const server = new TestServer(dataDir, ports, api, options);
    try {
      await server.#takeTemplate();
      await server.launch();
    } catch (error) {
      await server.destroy();
      throw error;
    }
    return server;
  }

  /** Without one, or with data of somebody else's, the server makes its database itself. */
  async #takeTemplate(): Promise<void> {
    const template = process.env[DATABASE_TEMPLATE];
    if (template === undefined || this.#env.POCKETPROXY_DATA_DIR !== this.dataDir) return;
    await runCommand(['cp', '-a', template, join(this.dataDir, 'postgres')]);
  }

  /** The server's process now. */
  get child(): Child {
    if (!this.#child) throw new Error('The server is not running');
    return this.#child;
  }

  /** Starts the process again on the same data, ports and settings; `env` is for this start alone. */
  async launch(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = this.spawn(env);
    this.#child = child;
    const died = child.exited.then(({ code, signal }) => {
      throw new Error(`The server ended with ${code ?? signal}:\n${child.log.tail(30)}`);
    });
    died.catch(() => {});
    await Promise.race([until('the server to be ready', () => this.api.isReady(), START_WITHIN_MS), died]);
    await this.api.login(ADMIN.email, ADMIN.password);
  }

  /** Starts a process with some settings changed, which this object then knows nothing of. */
  spawn(env: Readonly<Record<string, string>> = {}): Child {
    return this.#place.spawn([process.execPath, CLI, 'server'], {
      name: 'server',
      env: { ...this.#env, ...env },
    });
  }

  /** Ends the process: `SIGTERM` as a service manager does, `SIGKILL` as a crash does. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.child;
    child.signal(signal);
    await within(`the server to end after ${signal}`, 15_000, child.exited);
    this.#child = null;
  }

  /** Ends it for good and removes its data. */
  async destroy(): Promise<void> {
    if (this.#child) await this.end('SIGTERM').catch(() => this.#child?.kill());
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function freePorts(): Promise<ServerPorts> {
  const [http, tunnel] = [await freePort(), await freePort()];
  return { http, tunnel, firstProxy: await freePortRange(PROXY_PORTS) };
}
