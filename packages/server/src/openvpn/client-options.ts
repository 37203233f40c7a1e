import type { VpnNetwork } from '../domain/vpn.ts';

/** Leads nowhere: a client needs an IPv6 address in the tunnel, or its IPv6 traffic would leave beside it. */
const NOWHERE = { client: 'fd70:7070::2/64', server: 'fd70:7070::1' } as const;

/** Lines of `client-auth`: what one client is told to set up. `platform` is its `IV_PLAT`. */
export function clientOptions(network: VpnNetwork, address: string, platform: string): string[] {
  const pushed = [
    'redirect-gateway def1 ipv6',
    `ifconfig-ipv6 ${NOWHERE.client} ${NOWHERE.server}`,
    'block-ipv6',
    `dhcp-option DNS ${network.serverAddress}`,
    // Windows asks the resolvers of all interfaces at once. Elsewhere the option is unknown and only warned of.
    ...(platform === 'win' ? ['block-outside-dns'] : []),
  ];
  return [`ifconfig-push ${address} ${network.netmask}`, ...pushed.map((option) => `push "${option}"`)];
}
