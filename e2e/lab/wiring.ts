import type { Host } from './host.ts';
import { PLAN } from './network-plan.ts';

/** The hosts of the lab by name. */
export interface LabHosts {
  readonly vps: Host;
  readonly phone: Host;
  readonly internet: Host;
  readonly customer: Host;
  readonly wifi: Host;
  readonly carrier: Host;
}

/** Kernel settings of every host: addresses are usable at once, and nothing is said unasked. */
export const QUIET = [
  'net.ipv6.conf.default.accept_dad=0',
  'net.ipv6.conf.default.accept_ra=0',
  'net.ipv6.conf.default.router_solicitations=0',
  'net.ipv6.conf.default.keep_addr_on_down=1',
  'net.ipv4.conf.default.rp_filter=0',
  'net.ipv4.conf.all.rp_filter=0',
];

/** Further settings of hosts that forward. */
export const FORWARDING = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'];

const GATEWAYS = {
  vps: { ip4: '12.34.56.1', ip6: '2a10:cafe:56::1' },
  customer: { ip4: '13.57.9.1', ip6: '2a10:cafe:9::1' },
  wifi: { ip4: '14.14.14.1', ip6: '2a10:cafe:14::1' },
  carrier: { ip4: '15.15.15.1', ip6: '2a10:cafe:15::1' },
} as const;

/** The phone's routers as it sees them. */
export const PHONE_ROUTERS = {
  wlan0: { ip4: '192.168.43.1', ip6: '2a10:cafe:43::1' },
  rmnet0: { ip4: '21.5.7.1', ip6: '2a10:cafe:7::1' },
} as const;

/** Connects the hosts as `PLAN` shows. */
export async function wire(hosts: LabHosts): Promise<void> {
  const { internet, wifi, carrier, phone } = hosts;
  for (const name of ['vps', 'customer', 'wifi', 'carrier'] as const) {
    await connect(internet, `to-${name}`, GATEWAYS[name], hosts[name], 'wan0', PLAN[name]);
    await hosts[name].ip(
      `route add default via ${GATEWAYS[name].ip4}`,
      `-6 route add default via ${GATEWAYS[name].ip6}`,
    );
  }
  await connect(wifi, 'lan0', PHONE_ROUTERS.wlan0, phone, 'wlan0', PLAN.wlan0);
  await connect(carrier, 'lan0', PHONE_ROUTERS.rmnet0, phone, 'rmnet0', PLAN.rmnet0);
  await internet.ip(
    ...['web', 'dns', 'otherDns', 'echo', 'stranger'].flatMap((name) => {
      const { ip4, ip6 } = PLAN[name as 'web'];
      return [`addr add ${ip4}/32 dev lo`, `addr add ${ip6}/128 dev lo`];
    }),
    `-6 route add 2a10:cafe:43::/64 via ${PLAN.wifi.ip6}`,
    `route add 21.5.7.0/24 via ${PLAN.carrier.ip4}`,
    `-6 route add 2a10:cafe:7::/64 via ${PLAN.carrier.ip6}`,
  );
  await wifi.nft(`table ip lab {
    chain nat {
      type nat hook postrouting priority srcnat;
      oifname "wan0" masquerade
    }
  }`);
  await routePhone(phone);
}

/** The phone's routes as Android and NetworkManager have them: Wi-Fi by default, mobile for who asks for it. */
async function routePhone(phone: Host): Promise<void> {
  await phone.ip(
    ...wifiRoutes(),
    'rule add from 21.5.7.0/24 lookup 7 priority 700',
    'rule add oif rmnet0 lookup 7 priority 701',
    '-6 rule add from 2a10:cafe:7::/64 lookup 7 priority 700',
    '-6 rule add oif rmnet0 lookup 7 priority 701',
    ...mobileRoutes(),
  );
}

/** Routes that exist while `wlan0` is up. */
export function wifiRoutes(): string[] {
  const { wlan0 } = PHONE_ROUTERS;
  return [
    `route replace default via ${wlan0.ip4} dev wlan0 metric 600`,
    `-6 route replace default via ${wlan0.ip6} dev wlan0 onlink metric 600`,
  ];
}

/** Routes that exist while `rmnet0` is up; the kernel drops them when it goes down. */
export function mobileRoutes(): string[] {
  const { rmnet0 } = PHONE_ROUTERS;
  return ['', ' table 7'].flatMap((table) => [
    `route replace default via ${rmnet0.ip4} dev rmnet0 metric 700${table}`,
    `-6 route replace default via ${rmnet0.ip6} dev rmnet0 onlink metric 700${table}`,
  ]);
}

/** Addresses of the mobile network that end with this byte. */
export function mobileAddresses(lastByte: number): Addresses {
  return { ip4: `21.5.7.${lastByte}`, ip6: `2a10:cafe:7::${lastByte}` };
}

/** Both families' addresses of one end. */
export interface Addresses {
  readonly ip4: string;
  readonly ip6: string;
}

async function connect(
  left: Host,
  leftDevice: string,
  leftAddresses: Addresses,
  right: Host,
  rightDevice: string,
  rightAddresses: Addresses,
): Promise<void> {
  await left.ip(`link add name ${leftDevice} type veth peer name ${rightDevice} netns ${right.namespace}`);
  await left.ip(...addressLines(leftDevice, leftAddresses));
  await right.ip(...addressLines(rightDevice, rightAddresses));
}

function addressLines(device: string, { ip4, ip6 }: Addresses): string[] {
  return [
    `addr add ${ip4}/24 dev ${device}`,
    `addr add ${ip6}/64 dev ${device}`,
    `link set dev ${device} up`,
  ];
}
