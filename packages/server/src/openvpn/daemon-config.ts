import { isIPv6 } from 'node:net';
import type { VpnNetwork } from '../domain/vpn.ts';

/** Where the daemon finds its files; absolute paths. */
export interface DaemonFiles {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly tlsCryptKey: string;
  /** Unix socket that the daemon makes. */
  readonly management: string;
}

export interface DaemonConfigOptions {
  readonly network: VpnNetwork;
  readonly listen: { readonly host: string; readonly port: number };
  readonly files: DaemonFiles;
  readonly maxClients: number;
  /** Whom the daemon becomes once it has opened everything; `null` when this system has nobody for that. */
  readonly runAs: { readonly user: string; readonly group: string } | null;
}

/** Clients that say nothing for this long while they connect are gone. Those that are let in have times of their own. */
const CONNECTING_SECONDS = 40;
/** Largest packet on the wire that TCP of clients makes: fits through mobile networks and most tunnels. */
const MAX_WIRE_BYTES = 1_420;

/** What a line of 1 Gbit/s brings in 16 ms. */
const RECEIVE_BUFFER_BYTES = 2_000_000;

/** The daemon's configuration file. Each line is there for a reason that is not OpenVPN's default. */
export function daemonConfig({ network, listen, files, maxClients, runAs }: DaemonConfigOptions): string {
  return [
    ...transport(listen),
    ...tunnel(network),
    ...secrecy(files),
    ...clients(network, maxClients),
    ...process(files, runAs),
    '',
  ].join('\n');
}

function transport({ host, port }: DaemonConfigOptions['listen']): string[] {
  // With several addresses, an answer has to come from the one that was asked.
  const everywhere = host === '0.0.0.0' || host === '::';
  return [
    `proto ${isIPv6(host) ? 'udp6' : 'udp4'}`,
    ...(everywhere ? ['multihome'] : [`local ${host}`]),
    `port ${port}`,
    // As large as the kernel makes it; OpenVPN's own size is slower.
    'sndbuf 0',
    // The daemon shares its cores with programs that work for as long as 8 ms. As far as `net.core.rmem_max` allows.
    `rcvbuf ${RECEIVE_BUFFER_BYTES}`,
    'fast-io',
    `ping-restart ${CONNECTING_SECONDS}`,
    // Clients of a daemon that ends are told so, and come again at once.
    'explicit-exit-notify 1',
    'connect-freq-initial 1000 10',
  ];
}

/** The interface is there already, with its address: it outlives the daemon, and so do the rules for it. */
function tunnel({ interface: device, serverAddress, netmask }: VpnNetwork): string[] {
  return [
    `dev ${device}`,
    'dev-type tun',
    'topology subnet',
    `ifconfig ${serverAddress} ${netmask}`,
    'ifconfig-noexec',
    'route-noexec',
    `mssfix ${MAX_WIRE_BYTES} mtu`,
    'block-ipv6',
    // Kernel offload would carry packets past what this file says of them.
    'disable-dco',
    'persist-tun',
    'persist-key',
  ];
}

function secrecy(files: DaemonFiles): string[] {
  return [
    'tls-server',
    'tls-version-min 1.2',
    'data-ciphers AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305',
    'auth SHA256',
    'dh none',
    'allow-compression no',
    `ca ${quoted(files.authority)}`,
    `cert ${quoted(files.certificate)}`,
    `key ${quoted(files.key)}`,
    `tls-crypt-v2 ${quoted(files.tlsCryptKey)}`,
  ];
}

/** Clients have a user name and a password, which the relay judges. All that differs between them it tells them. */
function clients({ serverAddress }: VpnNetwork, maxClients: number): string[] {
  return [
    'mode server',
    'verify-client-cert none',
    'duplicate-cn',
    `max-clients ${maxClients}`,
    'push "topology subnet"',
    `push "route-gateway ${serverAddress}"`,
  ];
}

function process(files: DaemonFiles, runAs: DaemonConfigOptions['runAs']): string[] {
  return [
    'script-security 0',
    `management ${quoted(files.management)} unix`,
    'management-client-auth',
    'management-hold',
    // A daemon whose relay is gone lets nobody in and carries nothing: it ends.
    'management-signal',
    'remap-usr1 SIGTERM',
    ...(runAs ? [`user ${runAs.user}`, `group ${runAs.group}`] : []),
    'verb 1',
    'suppress-timestamps',
  ];
}

/** A path as OpenVPN's file format wants it. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}
