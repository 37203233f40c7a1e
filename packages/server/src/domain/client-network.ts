import ipaddr from 'ipaddr.js';

const IPV6_PREFIX_BYTES = 8;
/** As the system writes it. */
const CANONICAL_IPV4 = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/;

/**
 * Who makes attempts from this address: the address itself for IPv4, its /64 for IPv6, of which one customer of a
 * provider has a whole one to try from.
 */
export function clientNetwork(address: string): string {
  // Asked for every flow, and most often there is nothing to parse.
  if (CANONICAL_IPV4.test(address) || !ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed.toByteArray().slice(0, IPV6_PREFIX_BYTES).join('.');
}
