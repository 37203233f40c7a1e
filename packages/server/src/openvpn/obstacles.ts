import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { findExecutable } from '@pocketproxy/runtime';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type { VpnNetwork } from '../domain/vpn.ts';
import { runProgram } from './path/run-program.ts';

/** Something that keeps OpenVPN from working on this host. */
export interface Obstacle {
  readonly what: string;
  readonly detail: string;
  /** How it is removed. */
  readonly remedy: string;
}

const PACKAGES = { openvpn: 'openvpn', nft: 'nftables', ip: 'iproute2' } as const;
const TUN = '/dev/net/tun';

/** Everything that keeps OpenVPN from working here. Changes nothing. */
export async function vpnObstacles(network: VpnNetwork): Promise<Obstacle[]> {
  if (process.platform !== 'linux') {
    return [{ what: 'system', detail: 'OpenVPN access needs Linux', remedy: 'run the relay on Linux' }];
  }
  const found = await Promise.all([
    rootObstacle(),
    ...Object.entries(PACKAGES).map(([program, name]) => programObstacle(program, name)),
    versionObstacle(),
    tunObstacle(),
    subnetObstacle(network),
  ]);
  return found.filter((obstacle) => obstacle !== null);
}

function rootObstacle(): Obstacle | null {
  if (process.getuid?.() === 0) return null;
  return {
    what: 'user',
    detail: 'only root may make interfaces and packet rules',
    remedy: 'run the relay as root',
  };
}

function programObstacle(program: string, name: string): Obstacle | null {
  if (findExecutable(program) !== null) return null;
  return { what: program, detail: 'not found', remedy: `apt-get install ${name}` };
}

/** 2.6 is the first one that the relay's configuration and the way it answers clients are made for. */
async function versionObstacle(): Promise<Obstacle | null> {
  if (findExecutable('openvpn') === null) return null;
  const text = await runProgram(['openvpn', '--version']).catch(() => '');
  const [, major = '0', minor = '0'] = /^OpenVPN (\d+)\.(\d+)/.exec(text) ?? [];
  if (Number(major) * 1_000 + Number(minor) >= 2_006) return null;
  return {
    what: 'openvpn',
    detail: `version ${major}.${minor} is too old`,
    remedy: 'install OpenVPN 2.6 or later, e.g. from https://build.openvpn.net',
  };
}

async function tunObstacle(): Promise<Obstacle | null> {
  const problem = await access(TUN, constants.R_OK | constants.W_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (problem === null) return null;
  const denied = problem === 'EACCES';
  return {
    what: TUN,
    detail: denied ? 'only root may open it' : 'is missing',
    remedy: denied ? 'run the relay as root' : 'modprobe tun, or give the container --device /dev/net/tun',
  };
}

const routesSchema = z.array(z.looseObject({ dst: z.string(), dev: z.string().optional() }));

/** Clients would be cut off from what they share an address with, and so would this host. */
async function subnetObstacle(network: VpnNetwork): Promise<Obstacle | null> {
  if (findExecutable('ip') === null) return null;
  const routes = routesSchema.safeParse(
    JSON.parse(await runProgram(['ip', '-json', '-4', 'route', 'show', 'table', 'all']).catch(() => '[]')),
  );
  const clash = routes.data?.find(
    ({ dst, dev }) => dev !== network.interface && overlaps(dst, network.subnet),
  );
  if (!clash) return null;
  return {
    what: 'subnet',
    detail: `${network.subnet} is in use on this host: ${clash.dst}${clash.dev ? ` on ${clash.dev}` : ''}`,
    remedy: 'set POCKETPROXY_VPN_SUBNET to a private network that is not in use here',
  };
}

/** Whether two IPv4 networks have an address in common. The default route is everybody's. */
export function overlaps(destination: string, subnet: string): boolean {
  const text = destination.includes('/') ? destination : `${destination}/32`;
  if (!ipaddr.IPv4.isValidCIDR(text)) return false;
  const [left, leftBits] = ipaddr.IPv4.parseCIDR(text);
  const [right, rightBits] = ipaddr.IPv4.parseCIDR(subnet);
  return leftBits > 0 && left.match(right, Math.min(leftBits, rightBits));
}
