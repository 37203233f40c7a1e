/** An address as we compare and show it: IPv4-mapped IPv6 (`::ffff:192.0.2.1`) is written as IPv4. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
