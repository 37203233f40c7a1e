import { writeFile } from 'node:fs/promises';
import type { VpnNetwork } from '../domain/vpn.ts';
import { runProgram } from './path/run-program.ts';

const MTU = 1_500;
/** Packets that wait while the daemon is busy with others. */
const QUEUE_LENGTH = 1_000;

/**
 * Makes the TUN interface, or takes over the one of a run that was killed. It is there as long as the relay runs,
 * whatever becomes of the daemon; without a daemon no packet leaves or enters it.
 * @throws {ProgramError}
 */
export async function openTunInterface(network: VpnNetwork): Promise<void> {
  const { interface: device, serverAddress, subnet } = network;
  await removeTunInterface(network);
  await runProgram(['ip', 'tuntap', 'add', 'dev', device, 'mode', 'tun']);
  // The kernel would give it an IPv6 address of its own and speak on it. Where there is no IPv6, there is no file.
  await writeFile(`/proc/sys/net/ipv6/conf/${device}/disable_ipv6`, '1').catch(() => {});
  await runProgram(['ip', 'address', 'add', `${serverAddress}/${subnet.split('/')[1]}`, 'dev', device]);
  await runProgram(['ip', 'link', 'set', device, 'mtu', `${MTU}`, 'txqueuelen', `${QUEUE_LENGTH}`, 'up']);
}

/** Removes the interface, if it is there. */
export async function removeTunInterface({ interface: device }: VpnNetwork): Promise<void> {
  await runProgram(['ip', 'link', 'delete', device]).catch(() => {});
}
