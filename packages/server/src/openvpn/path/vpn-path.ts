import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Ingress } from '../../domain/ingress.ts';
import type { NameIngress, VpnNetwork, VpnSessions } from '../../domain/vpn.ts';
import { NameService } from '../dns/name-service.ts';
import { openLibc } from '../sockets/libc.ts';
import {
  openPacketSender,
  openTransparentListener,
  openTransparentReceiver,
} from '../sockets/transparent-sockets.ts';
import { RawAnswerSender } from '../udp/answer-sender.ts';
import { ClientAssociations } from '../udp/client-associations.ts';
import { RECEIVE_WAIT_MS } from '../udp/receiver-order.ts';
import { UdpPath } from '../udp/udp-path.ts';
import { ClientTable } from './client-table.ts';
import { raiseFirewall, removeFirewall } from './firewall.ts';
import { addPolicyRoute, removePolicyRoute } from './policy-route.ts';
import { type RunProgram, runProgram } from './run-program.ts';
import { TcpPath } from './tcp-path.ts';

/** MTU of the daemon's interface, unless it is told otherwise. */
export const TUN_MTU = 1_500;

export interface VpnPathOptions {
  readonly network: VpnNetwork;
  readonly sessions: VpnSessions;
  readonly ingress: Ingress;
  readonly names: NameIngress;
  readonly clock: Clock;
  readonly log: Logger;
  readonly run?: RunProgram;
}

/**
 * Takes what comes from the daemon's interface, which does not have to exist yet, and lets nothing of it pass any
 * other way. To be started before the daemon. What a killed run has left is replaced. Answers what ends all traffic and
 * removes the rules, for when no daemon runs any more: until then they protect.
 * @throws {SystemError} `EPERM`, {@link ProgramError} where nft or ip fail or are missing, or what koffi throws
 */
export async function startVpnPath(options: VpnPathOptions): Promise<() => Promise<void>> {
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await start(options, undo);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  { network, sessions, ingress, names, clock, log, run = runProgram }: VpnPathOptions,
  undo: (() => unknown)[],
): Promise<void> {
  const libc = openLibc();
  const listener = openTransparentListener(libc);
  let listenerIsOurs = true;
  undo.push(() => listenerIsOurs && libc.close(listener.fd));
  const receiver = openTransparentReceiver(libc, RECEIVE_WAIT_MS);
  undo.push(() => libc.close(receiver.fd));
  const sender = openPacketSender(libc);
  undo.push(() => libc.close(sender));

  undo.push(() => removeFirewall(run, network));
  await raiseFirewall(run, network, { tcp: listener.port, udp: receiver.port });
  undo.push(() => removePolicyRoute(run, network));
  await addPolicyRoute(run, network);

  const clients = new ClientTable(sessions);
  const { serverAddress } = network;
  const nameService = new NameService({ names, serverAddress, log });
  const answers = new RawAnswerSender(libc, sender, TUN_MTU);
  const associations = new ClientAssociations({ ingress, answers, clock, log });
  undo.push(() => {
    clients.close();
    associations.close();
  });
  const tcp = new TcpPath({ network, clients, ingress, names: nameService, clock, log });
  undo.push(() => tcp.close());
  await tcp.listen(listener.fd);
  listenerIsOurs = false;
  const udp = new UdpPath({ network, clients, associations, names: nameService, answers, clock, log });
  undo.push(() => udp.stop());
  udp.start(receiver.fd);
}
