import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export type NetworkInterfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/**
 * The address that `name` has now, or `null`. Of several the `current` one is kept while it lasts; an IPv6 address is
 * a global one if there is any. The system lists only interfaces that are up and have a carrier, so `null` also says
 * that nothing can leave there.
 */
export function interfaceAddress(
  name: string,
  family: 4 | 6,
  interfaces: NetworkInterfaces = networkInterfaces(),
  current: string | null = null,
): string | null {
  const wanted = family === 4 ? 'IPv4' : 'IPv6';
  const usable = (interfaces[name] ?? [])
    .filter((one) => one.family === wanted && !isLinkLocal(one.address))
    .map((one) => one.address);
  if (current !== null && usable.includes(current)) return current;
  // Global unicast is 2000::/3; any other IPv6 address here is a unique local one.
  return usable.find((address) => family === 4 || /^[23]/.test(address)) ?? usable[0] ?? null;
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
