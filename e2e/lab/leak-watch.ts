import { expect } from 'vitest';
import type { Lab } from './lab.ts';
import { PLAN, PORTS } from './network-plan.ts';
import { TrafficMeter } from './traffic-meter.ts';

interface NamedMeter {
  readonly name: string;
  readonly meter: TrafficMeter;
}

/**
 * Counts what leaves beside OpenVPN and the tunnel: at the customer, at the VPS's uplink and at the phone's Wi-Fi, from
 * its start on. Every packet of every protocol and family counts.
 */
export class LeakWatch {
  readonly #meters: readonly NamedMeter[];

  private constructor(meters: readonly NamedMeter[]) {
    this.#meters = meters;
  }

  static async start(lab: Lab): Promise<LeakWatch> {
    const { vps, phone, customer } = lab.hosts;
    const meter = async (name: string, ...args: Parameters<typeof TrafficMeter.start>) => ({
      name,
      meter: await TrafficMeter.start(...args),
    });
    return new LeakWatch([
      await meter('customer', customer, 'wan0', [
        `ip daddr ${PLAN.vps.ip4} udp dport ${PORTS.openvpn}`,
        // What a kernel says of a port that nobody has: its own, while the client pauses,
        `ip daddr ${PLAN.vps.ip4} icmp type destination-unreachable`,
      ]),
      await meter('vps', vps, 'wan0', [
        `udp sport ${PORTS.openvpn}`,
        'tcp sport 7443',
        // and the daemon's, while that is dead.
        `ip daddr ${PLAN.customer.ip4} icmp type destination-unreachable`,
      ]),
      await meter('phone', phone, 'wlan0', [`ip daddr ${PLAN.vps.ip4} tcp dport 7443`]),
    ]);
  }

  /** Fails if anything else has left anywhere. */
  async expectNone(): Promise<void> {
    for (const { name, meter } of this.#meters) {
      expect(`${name}: ${(await meter.read()).other} other packets`).toBe(`${name}: 0 other packets`);
    }
  }
}
