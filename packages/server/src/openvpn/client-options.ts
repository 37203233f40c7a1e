import type { VpnNetwork } from '../domain/vpn.ts';

/** Leads nowhere: a client needs an IPv6 address in the tunnel, or its IPv6 traffic would leave beside it. */
const NOWHERE = { client: 'fd70:7070::2/64', server: 'fd70:7070::1' } as const;

/** How often both sides of a session give a sign of life, and after how long without one each takes it for lost. */
interface SignsOfLife {
  readonly everySeconds: number;
  readonly lostAfterSeconds: number;
}

/** A daemon that crashes can tell nobody: these are back in about ten seconds. */
const AT_HOME: SignsOfLife = { everySeconds: 2, lostAfterSeconds: 6 };
/** Spares batteries and outlasts a lift: a session that is given up takes everything in it along. */
const ON_THE_ROAD: SignsOfLife = { everySeconds: 5, lostAfterSeconds: 20 };

/** `IV_PLAT` of clients that are on the mains or have a large battery. */
const PLATFORMS_AT_HOME: ReadonlySet<string> = new Set([
  'win',
  'mac',
  'linux',
  'freebsd',
  'openbsd',
  'netbsd',
]);

/** Lines of `client-auth`: what one client is told to set up. `platform` is its `IV_PLAT`. */
export function clientOptions(network: VpnNetwork, address: string, platform: string): string[] {
  const signs = signsOfLife(PLATFORMS_AT_HOME.has(platform) ? AT_HOME : ON_THE_ROAD);
  const pushed = [
    'redirect-gateway def1 ipv6',
    `ifconfig-ipv6 ${NOWHERE.client} ${NOWHERE.server}`,
    'block-ipv6',
    `dhcp-option DNS ${network.serverAddress}`,
    ...signs,
    // Windows asks the resolvers of all interfaces at once. Elsewhere the option is unknown and only warned of.
    ...(platform === 'win' ? ['block-outside-dns'] : []),
  ];
  return [
    `ifconfig-push ${address} ${network.netmask}`,
    // The daemon waits no longer than its client: when that comes again, its address must be free.
    ...signs,
    ...pushed.map((option) => `push "${option}"`),
  ];
}

function signsOfLife({ everySeconds, lostAfterSeconds }: SignsOfLife): string[] {
  return [`ping ${everySeconds}`, `ping-restart ${lostAfterSeconds}`];
}
