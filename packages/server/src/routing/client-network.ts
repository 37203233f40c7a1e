import ipaddr from 'ipaddr.js';

const IPV6_NETWORK_BITS = 64;

/** The address itself for IPv4; for IPv6 its /64, which is what one customer of a provider gets at least. */
export function clientNetwork(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address;
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/${IPV6_NETWORK_BITS}`).toString();
}
