import { join, resolve } from 'node:path';
import type postgres from 'postgres';
import { freePort } from '../../e2e/harness/free-ports.ts';
import { openServerDatabase } from '../../e2e/harness/server-database.ts';
import { ADMIN, TestServer } from '../../e2e/harness/test-server.ts';

/** Ports of 10,000 connections are opened on an address of their own, where nobody else listens. */
const PROXY_ADDRESS = '127.0.0.77';
const READING = [
  'devices',
  'connections',
  'commands',
  'rotations',
  'rotation-links',
  'notifications',
  'stats',
  'audit',
];
const PROXY_PORTS = { first: 30_000, last: 39_999 };

/** The real server on a database that stays. */
export class ApiSystem {
  readonly server: TestServer;
  readonly sql: postgres.Sql;
  readonly dataDir: string;

  private constructor(server: TestServer, dataDir: string) {
    this.server = server;
    this.dataDir = dataDir;
    this.sql = openServerDatabase({ dataDir });
  }

  /** `profileDir`: where the server leaves a CPU profile when it ends. */
  static async start(dataDir: string, profileDir: string | null): Promise<ApiSystem> {
    const profiling = profileDir && `--cpu-prof --cpu-prof-dir=${resolve(profileDir)}`;
    const ports = { http: await freePort(), tunnel: await freePort(), firstProxy: PROXY_PORTS.first };
    const server = await TestServer.start({
      ports,
      env: {
        ...(profiling && { NODE_OPTIONS: profiling }),
        POCKETPROXY_DATA_DIR: dataDir,
        POCKETPROXY_PROXY_LISTEN: PROXY_ADDRESS,
        POCKETPROXY_PORT_RANGE: `${PROXY_PORTS.first}-${PROXY_PORTS.last}`,
      },
    });
    return new ApiSystem(server, dataDir);
  }

  get pid(): number {
    return this.server.child.pid;
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.ports.http}`;
  }

  /** Host and folder of the database's socket. */
  get databaseAddress() {
    return {
      host: join(this.dataDir, 'postgres'),
      port: 5432,
      username: 'pocketproxy',
      database: 'pocketproxy',
    };
  }

  /** Answers a token for 15 minutes. */
  async login(): Promise<string> {
    const { token } = await this.server.api.call<{ token: string }>('POST', '/auth/login', ADMIN);
    return token;
  }

  /** A key that may read everything. */
  async createApiKey(): Promise<string> {
    const scopes = READING.map((resource) => `${resource}:read`);
    const { key } = await this.server.api.call<{ key: string }>('POST', '/api-keys', {
      name: 'Bench',
      scopes,
    });
    return key;
  }

  /** Makes all devices look connected, although no agent runs: the start of a relay marks them as gone. */
  async connectDevices(): Promise<void> {
    await this.sql`update devices set connected_relay_id = relay_id, last_seen_at = now()`;
  }

  /** Starts the server again on the same data. Answers after how many milliseconds it was ready. */
  async restart(): Promise<number> {
    await this.server.end('SIGTERM');
    const startedAt = performance.now();
    await this.server.launch();
    return performance.now() - startedAt;
  }

  async stop(): Promise<void> {
    await this.sql.end({ timeout: 1 });
    await this.server.destroy();
  }
}
