import { join } from 'node:path';
import type { SocksTarget } from '../clients/socks-client.ts';
import type { UdpOrder } from '../clients/udp-client-main.ts';
import type { Child } from '../harness/child.ts';
import type { LabWorld } from './lab-world.ts';
import { PLAN } from './network-plan.ts';

const CLIENT = join(import.meta.dirname, '../clients/udp-client-main.ts');

/** A UDP association of the customer's host. */
export class CustomerUdp {
  readonly child: Child;
  /** Where the relay listens for this association, and the customer's port. */
  readonly relay: SocksTarget;
  readonly localPort: number;

  private constructor(child: Child, relay: SocksTarget, localPort: number) {
    this.child = child;
    this.relay = relay;
    this.localPort = localPort;
  }

  static async open(world: LabWorld): Promise<CustomerUdp> {
    const { port, username, password } = world.connection;
    const proxy = JSON.stringify({ host: PLAN.vps.ip4, port, username, password });
    const child = world.lab.hosts.customer.spawn([process.execPath, CLIENT, proxy], { name: 'customer:udp' });
    const [line] = await child.log.waitFor(/^\{"event":"open".*/);
    const { relay, localPort } = JSON.parse(line) as { relay: SocksTarget; localPort: number };
    return new CustomerUdp(child, relay, localPort);
  }

  order(order: UdpOrder): void {
    this.child.write(`${JSON.stringify(order)}\n`);
  }

  /** Sends a text and waits until it comes back; asks again as long as nothing does. */
  async echo(to: SocksTarget, text: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const back = this.child.log.waitForNext(new RegExp(`"received".*"text":"${text}"`), 1500);
      this.order({ do: 'send', to, text });
      try {
        await back;
        return;
      } catch (error) {
        if (attempt === 10 || !this.child.running) throw error;
      }
    }
  }

  /** Texts of all datagrams that arrived so far. */
  get texts(): string[] {
    return this.child.log.lines.flatMap((line) => /"received".*"text":"(.*)"\}/.exec(line)?.[1] ?? []);
  }

  async close(): Promise<void> {
    await this.child.kill();
  }
}
