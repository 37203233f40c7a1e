import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('settings', () => {
  it('have defaults', () => {
    expect(readConfig({}, {})).toEqual({
      stateDir: `${homedir()}/.pocketproxy-agent`,
      platform: 'linux',
      egressInterface: null,
      egressGateways: [],
      tunnelInterface: null,
      radioCommand: null,
      dnsServers: [],
      blockedPorts: [25],
      logLevel: 'info',
    });
  });

  it('come from flags first, then from the environment', () => {
    const environment = {
      POCKETPROXY_AGENT_STATE_DIR: '/var/lib/agent',
      POCKETPROXY_AGENT_PLATFORM: 'simulated',
      POCKETPROXY_AGENT_DNS_SERVERS: '9.9.9.9, [2620:fe::fe]:53',
      POCKETPROXY_AGENT_BLOCKED_PORTS: 'none',
      POCKETPROXY_AGENT_EGRESS_INTERFACE: '',
    };
    expect(
      readConfig({ platform: 'linux', 'egress-gateway': '10.0.0.1,fe80::1' }, environment),
    ).toMatchObject({
      stateDir: '/var/lib/agent',
      platform: 'linux',
      dnsServers: ['9.9.9.9', '[2620:fe::fe]:53'],
      blockedPorts: [],
      egressInterface: null,
      egressGateways: ['10.0.0.1', 'fe80::1'],
    });
  });

  it('are refused all together, each with its names, its value and what is accepted', () => {
    const read = () =>
      readConfig(
        { platform: 'ios', 'egress-interface': '-x', 'dns-servers': 'dns.example', 'blocked-ports': '25,0' },
        { POCKETPROXY_AGENT_LOG_LEVEL: 'loud' },
      );
    expect(read).toThrow(
      [
        'These settings cannot be used:',
        '  --platform (POCKETPROXY_AGENT_PLATFORM): "ios" is not accepted; expected one of simulated, linux',
        '  --egress-interface (POCKETPROXY_AGENT_EGRESS_INTERFACE): "-x" is not accepted; expected the name of a network interface, such as wwan0',
        '  --dns-servers (POCKETPROXY_AGENT_DNS_SERVERS): "dns.example" is not accepted; expected addresses such as 9.9.9.9 or [2620:fe::fe]:53',
        '  --blocked-ports (POCKETPROXY_AGENT_BLOCKED_PORTS): "25,0" is not accepted; expected port numbers, or none',
        '  --log-level (POCKETPROXY_AGENT_LOG_LEVEL): "loud" is not accepted; expected one of trace, debug, info, warn, error, fatal, silent',
      ].join('\n'),
    );
  });
});
