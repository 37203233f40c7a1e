import { FlowError } from '@pocketproxy/protocol';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type { AgentConfig } from './config.ts';
import { DestinationPolicy } from './egress/destination-policy.ts';
import { DeviceEgress } from './egress/device-egress.ts';
import { DnsForwarder } from './egress/dns-forwarder.ts';
import { type DnsServers, SystemDnsServers } from './egress/dns-servers.ts';
import type { Egress } from './egress/egress.ts';
import { DefaultRoutePath, type EgressPath } from './egress/egress-path.ts';
import { HostsFile } from './egress/hosts-file.ts';
import { PolicyRoutes } from './egress/interface-routes.ts';
import { RealIpCommand } from './egress/ip-command.ts';
import { SsKernelSockets } from './egress/kernel-sockets.ts';
import { LinuxInterfacePath } from './egress/linux-interface.ts';
import { NameResolver } from './egress/name-resolver.ts';
import { PolicyRoute } from './egress/policy-route.ts';
import type { RelayAddresses } from './egress/relay-addresses.ts';
import { IpRouteMonitor } from './egress/route-monitor.ts';
import type { AgentIdentity } from './state/identity.ts';

export interface EgressParts {
  readonly config: AgentConfig;
  readonly identity: AgentIdentity;
  /** The way out of a simulated phone without a real interface. */
  readonly simulated: EgressPath | null;
  readonly relayAddresses: RelayAddresses;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Puts the egress together as the settings say. */
export function buildEgress({
  config,
  identity,
  simulated,
  relayAddresses,
  clock,
  log,
}: EgressParts): Egress {
  const { egressInterface, egressGateways } = config;
  const servers = new SystemDnsServers({ configured: config.dnsServers, clock });
  reportUnusable(servers, egressInterface !== null, log);
  return new DeviceEgress({
    path:
      egressInterface === null
        ? (simulated ?? new DefaultRoutePath())
        : interfacePath({ device: egressInterface, purpose: 'egress', gateways: egressGateways, clock, log }),
    dns: new DnsForwarder(servers, clock),
    resolver: new NameResolver({
      servers,
      clock,
      hosts: new HostsFile(clock),
    }),
    policy: new DestinationPolicy({
      clock,
      blockedPorts: new Set(config.blockedPorts),
      relayAddresses: () => relayAddresses.known,
    }),
    relay: { host: identity.relayHost, port: identity.relayPort, ca: identity.ca },
    clock,
    log,
  });
}

/** At the start, and not only when the first customer asks for a name. */
function reportUnusable(servers: DnsServers, bound: boolean, log: Logger): void {
  try {
    servers.for({ ipv4: 'any', ipv6: 'any' }, bound);
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    log.error({ reason: error.detail }, "customers' names cannot be resolved");
  }
}

interface InterfaceUse {
  readonly device: string;
  readonly purpose: 'egress' | 'tunnel';
  readonly gateways: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * An interface as the only way for a purpose. Without root, customer traffic is refused unless the kernel routes it
 * right by itself; the tunnel is only warned about, since it would cost money and leak nothing.
 */
export function interfacePath({ device, purpose, gateways, clock, log }: InterfaceUse): EgressPath {
  const ip = new RealIpCommand();
  return new LinuxInterfacePath({
    device,
    purpose,
    routes: new PolicyRoutes({
      device,
      ip,
      route: new PolicyRoute({ ip, device, purpose, gateways }),
      sockets: new SsKernelSockets(),
      privileged: process.getuid?.() === 0,
      lenient: purpose === 'tunnel',
      clock,
      log,
    }),
    monitor: new IpRouteMonitor({ clock, log }),
    clock,
    log,
  });
}
