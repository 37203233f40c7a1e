import { RealClock, silentLogger } from '@pocketproxy/runtime';
import { DestinationPolicy, type DestinationPolicyOptions } from '../destination-policy.ts';
import { DeviceEgress, type DeviceEgressOptions } from '../device-egress.ts';
import { DnsForwarder } from '../dns-forwarder.ts';
import { SystemDnsServers } from '../dns-servers.ts';
import { DefaultRoutePath } from '../egress-path.ts';
import { NameResolver } from '../name-resolver.ts';

export interface FixtureOptions extends Partial<DeviceEgressOptions> {
  readonly dnsServers?: readonly string[];
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  readonly policyOptions?: Partial<DestinationPolicyOptions>;
}

/** An egress with real sockets and clock, and no names but those that the test gives it. */
export function makeEgress(options: FixtureOptions = {}): DeviceEgress {
  const clock = options.clock ?? new RealClock();
  const servers = new SystemDnsServers({
    configured: options.dnsServers ?? [],
    clock,
    resolvConf: '/nonexistent',
  });
  return new DeviceEgress({
    path: new DefaultRoutePath(),
    dns: new DnsForwarder(servers, clock),
    resolver: new NameResolver({
      servers,
      clock,
      hosts: { addresses: (name) => options.hosts?.[name] ?? [] },
    }),
    policy: new DestinationPolicy({
      clock,
      blockedPorts: new Set([25]),
      relayAddresses: () => new Set(),
      ...options.policyOptions,
    }),
    relay: { host: '127.0.0.1', port: 1, ca: '' },
    clock,
    log: silentLogger(),
    ...options,
  });
}
