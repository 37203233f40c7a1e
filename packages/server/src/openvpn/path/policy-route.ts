import ipaddr from 'ipaddr.js';
import type { VpnNetwork } from '../../domain/vpn.ts';
import { DIVERTED_MARK } from './firewall.ts';
import { ProgramError, type RunProgram } from './run-program.ts';

/** Before the host's own rules (32766 and on), after that of its local addresses. */
const PRIORITY = 20_560;
const TABLE_PREFIX = 0x5000_0000;

/** Numbers of networks are unique up to /28, the smallest that is accepted. */
export function routingTable({ subnet }: VpnNetwork): number {
  const [address] = ipaddr.IPv4.parseCIDR(subnet);
  const number = address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
  return TABLE_PREFIX + Math.floor(number / 16);
}

/**
 * Has the kernel deliver diverted packets here although they are addressed to others. The rule names the interface:
 * packets of other programs with the same mark, and the check of a sender's return path, are not concerned.
 * @throws {ProgramError}
 */
export async function addPolicyRoute(run: RunProgram, network: VpnNetwork): Promise<void> {
  await removePolicyRoute(run, network);
  await run(['ip', '-4', 'route', 'replace', 'local', 'default', 'dev', 'lo', 'table', tableOf(network)]);
  await run(['ip', '-4', 'rule', 'add', ...rule(network)]);
}

/** Removes what `addPolicyRoute` has added, however often. @throws {ProgramError} */
export async function removePolicyRoute(run: RunProgram, network: VpnNetwork): Promise<void> {
  while (await succeeds(run(['ip', '-4', 'rule', 'del', ...rule(network)])));
  // A table without routes does not exist, which is not an error here.
  await succeeds(run(['ip', '-4', 'route', 'flush', 'table', tableOf(network)]));
}

function rule(network: VpnNetwork): string[] {
  return [
    ...['priority', String(PRIORITY), 'iif', network.interface],
    ...['fwmark', String(DIVERTED_MARK), 'lookup', tableOf(network)],
  ];
}

function tableOf(network: VpnNetwork): string {
  return String(routingTable(network));
}

async function succeeds(running: Promise<string>): Promise<boolean> {
  try {
    await running;
    return true;
  } catch (error) {
    if (error instanceof ProgramError) return false;
    throw error;
  }
}
