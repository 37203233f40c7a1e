import type { Zone } from '../origins/dns-zone.ts';

/**
 * Addresses of the lab. Destinations look public, because the agent refuses documentation and private ranges; they
 * exist inside the lab's namespaces alone.
 *
 *   customer ── internet ── vps          internet also has the origin servers
 *               │      │
 *             wifi   carrier             wifi: NAT of IPv4; carrier: public addresses
 *               │      │
 *            wlan0 ── rmnet0             both of phone
 */
export const PLAN = {
  vps: { ip4: '12.34.56.10', ip6: '2a10:cafe:56::10' },
  customer: { ip4: '13.57.9.20', ip6: '2a10:cafe:9::20' },
  /** The Wi-Fi router's address outside: what the internet sees of traffic that leaks through `wlan0`. */
  wifi: { ip4: '14.14.14.2', ip6: '2a10:cafe:14::2' },
  carrier: { ip4: '15.15.15.2', ip6: '2a10:cafe:15::2' },
  wlan0: { ip4: '192.168.43.100', ip6: '2a10:cafe:43::100' },
  /** First address of `rmnet0`; a rotation gives it another one of the same network. */
  rmnet0: { ip4: '21.5.7.10', ip6: '2a10:cafe:7::10' },
  web: { ip4: '11.22.33.80', ip6: '2a10:cafe:33::80' },
  dns: { ip4: '11.22.33.53', ip6: '2a10:cafe:33::53' },
  /** The VPS's and the customer's resolver, which knows none of the phone's names. */
  otherDns: { ip4: '11.22.33.54', ip6: '2a10:cafe:33::54' },
  echo: { ip4: '11.22.33.7', ip6: '2a10:cafe:33::7' },
  /** A stranger, who sends what nobody asked for. */
  stranger: { ip4: '11.22.33.66', ip6: '2a10:cafe:33::66' },
} as const;

export const PORTS = { http: 80, https: 443, dns: 53, udpEcho: 7, openvpn: 1194 } as const;

/** Names that only the phone's resolver knows. */
export const NAMES = {
  web: 'web.lab-origin.net',
  web4: 'web4.lab-origin.net',
  web6: 'web6.lab-origin.net',
  echo: 'echo.lab-origin.net',
  /** First a public address, then one that must not be reached. */
  flip: 'flip.lab-origin.net',
  /** Always one that must not be reached. */
  loopback: 'loopback.lab-origin.net',
  silent: 'silent.lab-origin.net',
  missing: 'missing.lab-origin.net',
} as const;

/** What the phone's resolver knows. */
export const PHONE_ZONE: Zone = {
  [NAMES.web]: { a: [PLAN.web.ip4], aaaa: [PLAN.web.ip6] },
  [NAMES.web4]: { a: [PLAN.web.ip4] },
  [NAMES.web6]: { aaaa: [PLAN.web.ip6] },
  [NAMES.echo]: { a: [PLAN.echo.ip4], aaaa: [PLAN.echo.ip6] },
  [NAMES.flip]: { a: [PLAN.web.ip4, '127.0.0.1'], behaviour: 'flip' },
  [NAMES.loopback]: { a: ['127.0.0.1'], aaaa: ['::1'] },
  [NAMES.silent]: { behaviour: 'silent' },
};
