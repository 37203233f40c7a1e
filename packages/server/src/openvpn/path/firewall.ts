import type { VpnNetwork } from '../../domain/vpn.ts';
import type { RunProgram } from './run-program.ts';

/** Marks what is diverted to us; `policy-route.ts` has such packets delivered here, wherever they are addressed to. */
export const DIVERTED_MARK = 0x5050_5650;

/** Ports on 127.0.0.1 that diverted packets are given to. */
export interface DivertedTo {
  readonly tcp: number;
  readonly udp: number;
}

/** Our table: one for each interface, since a host may have several relays. */
export function tableName(network: VpnNetwork): string {
  return `pocketproxy_${network.interface.replace(/[^a-z0-9]/gi, '_')}`;
}

/**
 * The rules for everything that comes from or goes to VPN clients. What we do not take is dropped or refused, also
 * while no relay runs: TPROXY finds no socket then, and the packet gets to the next rule. IPv6 has no addresses inside
 * the VPN. Other tables are not touched; theirs may still refuse what ours lets pass.
 */
export function ruleset(network: VpnNetwork, to: DivertedTo): string {
  const device = `"${network.interface}"`;
  const server = network.serverAddress;
  const divert = (port: number) => `tproxy ip to 127.0.0.1:${port} meta mark set ${DIVERTED_MARK} accept`;
  return `table inet ${tableName(network)} {
  chain from_clients {
    meta nfproto != ipv4 drop
    ip saddr != ${network.subnet} drop
    ip saddr ${server} drop
    ip daddr ${server} icmp type echo-request limit rate 50/second burst 100 packets accept
    ip daddr ${server} tcp dport { 53, 80 } ${divert(to.tcp)}
    ip daddr ${server} udp dport 53 ${divert(to.udp)}
    ip daddr ${network.subnet} goto refused
    fib daddr type != unicast goto refused
    meta l4proto tcp ${divert(to.tcp)}
    meta l4proto udp ${divert(to.udp)}
    drop
  }
  chain refused {
    meta l4proto tcp reject with tcp reset
    meta l4proto udp reject with icmp type admin-prohibited
    drop
  }
  chain prerouting {
    type filter hook prerouting priority mangle; policy accept;
    iifname ${device} jump from_clients
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname ${device} meta mark ${DIVERTED_MARK} accept
    iifname ${device} ip daddr ${server} icmp type echo-request accept
    iifname ${device} drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname ${device} drop
    oifname ${device} drop
  }
  chain output {
    type filter hook output priority filter; policy accept;
    oifname ${device} meta nfproto ipv6 drop
    ip daddr ${network.subnet} oifname != { "lo", ${device} } drop
  }
}
`;
}

/** Sets our table up in one transaction: whatever was left of it is replaced. @throws {ProgramError} */
export async function raiseFirewall(run: RunProgram, network: VpnNetwork, to: DivertedTo): Promise<void> {
  const table = `table inet ${tableName(network)}`;
  await run(['nft', '-f', '-'], `${table}\ndelete ${table}\n${ruleset(network, to)}`);
}

/** Removes our table, if it is there. @throws {ProgramError} */
export async function removeFirewall(run: RunProgram, network: VpnNetwork): Promise<void> {
  const table = `table inet ${tableName(network)}`;
  await run(['nft', '-f', '-'], `${table}\ndelete ${table}\n`);
}
