import { afterAll, beforeAll } from 'vitest';
import type { NewConnection } from '../harness/api-client.ts';
import { TestAgent } from '../harness/test-agent.ts';
import { TestServer } from '../harness/test-server.ts';
import { Lab } from './lab.ts';
import { PLAN, PORTS } from './network-plan.ts';
import { LAB_UNAVAILABLE } from './requirements.ts';

export const VPS_PORTS = { http: 8080, tunnel: 7443, firstProxy: 30_000 } as const;

export interface LabWorldOptions {
  /** By default tunnel and customers' traffic are kept apart, as on a real phone; `rmnet0` lets them share a radio. */
  readonly tunnelInterface?: 'wlan0' | 'rmnet0';
  /** Whether the server offers OpenVPN. */
  readonly vpn?: boolean;
}

/** The product in the lab: the server on the VPS, the agent on the phone, a connection for the customer. */
export class LabWorld {
  readonly lab: Lab;
  readonly server: TestServer;
  readonly agent: TestAgent;
  readonly connection: NewConnection;

  constructor(lab: Lab, server: TestServer, agent: TestAgent, connection: NewConnection) {
    this.lab = lab;
    this.server = server;
    this.agent = agent;
    this.connection = connection;
  }

  static async start({ tunnelInterface = 'wlan0', vpn = false }: LabWorldOptions = {}): Promise<LabWorld> {
    const lab = await Lab.create();
    let server: TestServer | undefined;
    try {
      server = await TestServer.start({
        place: lab.hosts.vps,
        ports: VPS_PORTS,
        env: {
          POCKETPROXY_TUNNEL_LISTEN: `0.0.0.0:${VPS_PORTS.tunnel}`,
          POCKETPROXY_PROXY_LISTEN: '::',
          POCKETPROXY_PUBLIC_HOST: PLAN.vps.ip4,
          ...(vpn && { POCKETPROXY_VPN_LISTEN: `0.0.0.0:${PORTS.openvpn}` }),
        },
      });
      const agent = await TestAgent.start(server, 'Lab phone', {
        place: lab.hosts.phone,
        flags: [
          ...['--egress-interface', 'rmnet0', '--tunnel-interface', tunnelInterface],
          ...['--radio-command', lab.radio.program],
        ],
        allowPrivate: false,
      });
      const connection = await server.api.createConnection({ deviceId: agent.deviceId, name: 'Lab' });
      return new LabWorld(lab, server, agent, connection);
    } catch (error) {
      await server?.destroy();
      await lab.destroy();
      throw error;
    }
  }

  /** Runs curl on the customer's host through the connection. */
  async curl(...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string }> {
    return await this.lab.hosts.customer.exec([
      'curl',
      '-sS',
      '--max-time',
      '10',
      '-x',
      this.proxyUrl('http'),
      ...args,
    ]);
  }

  proxyUrl(scheme: string): string {
    const { username, password, port } = this.connection;
    return `${scheme}://${username}:${password}@${PLAN.vps.ip4}:${port}`;
  }

  async destroy(): Promise<void> {
    await this.agent.destroy();
    await this.server.destroy();
    await this.lab.destroy();
  }
}

/** The product in a lab for all tests of this file; nothing where the lab cannot be built. */
export function useLabWorld(options: LabWorldOptions = {}): () => LabWorld {
  let world: LabWorld | undefined;
  beforeAll(async () => {
    if (LAB_UNAVAILABLE === null) world = await LabWorld.start(options);
  });
  afterAll(async () => {
    await world?.destroy();
  });
  return () => {
    if (!world) throw new Error('The lab is not built');
    return world;
  };
}

/** Title of a group of tests that need the lab; says why they are skipped. */
export function inTheLab(title: string): string {
  return LAB_UNAVAILABLE === null ? title : `${title} (skipped: ${LAB_UNAVAILABLE})`;
}
