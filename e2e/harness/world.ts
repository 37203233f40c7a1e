import { afterAll, beforeAll } from 'vitest';
import { WebOrigin } from '../origins/web-origin.ts';
import type { NewConnection } from './api-client.ts';
import { type AgentOptions, TestAgent } from './test-agent.ts';
import { type ServerOptions, TestServer } from './test-server.ts';

export interface WorldOptions {
  readonly server?: ServerOptions | undefined;
  readonly agent?: AgentOptions | undefined;
}

/** One server, one phone, one connection and one origin, all over loopback. */
export class World {
  readonly server: TestServer;
  readonly agent: TestAgent;
  readonly connection: NewConnection;
  readonly origin: WebOrigin;

  constructor(server: TestServer, agent: TestAgent, connection: NewConnection, origin: WebOrigin) {
    this.server = server;
    this.agent = agent;
    this.connection = connection;
    this.origin = origin;
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const server = await TestServer.start(options.server);
    let agent: TestAgent | undefined;
    try {
      agent = await TestAgent.start(server, 'Phone 1', options.agent);
      const connection = await server.api.createConnection({ deviceId: agent.deviceId, name: 'First' });
      return new World(server, agent, connection, await WebOrigin.start());
    } catch (error) {
      await agent?.destroy();
      await server.destroy();
      throw error;
    }
  }

  /** Another connection of the same phone. */
  async connect(name: string, fields: object = {}): Promise<NewConnection> {
    return await this.server.api.createConnection({ deviceId: this.agent.deviceId, name, ...fields });
  }

  async destroy(): Promise<void> {
    await this.agent.destroy();
    await this.server.destroy();
    await this.origin.close();
  }
}

/** A world for all tests of this file. */
export function useWorld(options: WorldOptions = {}): () => World {
  let world: World | undefined;
  beforeAll(async () => {
    world = await World.start(options);
  });
  afterAll(async () => {
    await world?.destroy();
  });
  return () => {
    if (!world) throw new Error('The world was not started');
    return world;
  };
}

/** `scheme://user:password@127.0.0.1:port` of a connection. */
export function proxyUrl(connection: NewConnection, scheme = 'http', host = '127.0.0.1'): string {
  return `${scheme}://${connection.username}:${connection.password}@${host}:${connection.port}`;
}
