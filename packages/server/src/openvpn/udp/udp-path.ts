import { fitDnsAnswer } from '@pocketproxy/protocol';
import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { VpnNetwork } from '../../domain/vpn.ts';
import type { NameService } from '../dns/name-service.ts';
import type { ClientTable, PathClient } from '../path/client-table.ts';
import type { ReceivedDatagram } from '../sockets/datagram-batch.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../sockets/socket-address.ts';
import type { AnswerSender } from './answer-sender.ts';
import type { ClientAssociations } from './client-associations.ts';
import { DatagramReceiver } from './datagram-receiver.ts';

const DNS_PORT = 53;
const RESTART_MS = 1_000;

export interface UdpPathOptions {
  readonly network: VpnNetwork;
  readonly clients: ClientTable;
  readonly associations: ClientAssociations;
  readonly names: NameService;
  readonly answers: AnswerSender;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Datagrams of VPN clients: to the phone, or to the resolver that they are given. */
export class UdpPath {
  readonly #options: UdpPathOptions;
  readonly #server: Ipv4;
  #receiver: DatagramReceiver | null = null;
  #restart: Timer | null = null;

  constructor(options: UdpPathOptions) {
    this.#options = options;
    this.#server = parseIpv4(options.network.serverAddress)!;
  }

  /** @param fd of `openTransparentReceiver`; stays the caller's */
  start(fd: number): void {
    const { clock, log } = this.#options;
    this.#receiver = new DatagramReceiver(fd, {
      onDatagram: (datagram) => this.#received(datagram),
      onFailure: (error) => {
        log.error({ err: error }, 'UDP of VPN clients stopped; it starts again');
        this.#restart = clock.setTimeout(() => this.start(fd), RESTART_MS);
      },
    });
  }

  /** Resolves when nothing uses the socket any more. */
  async stop(): Promise<void> {
    this.#restart?.cancel();
    await this.#receiver?.stop();
  }

  #received(datagram: ReceivedDatagram): void {
    const client = this.#options.clients.find(formatIpv4(datagram.client));
    if (client === null) return;
    if (datagram.destination !== this.#server) this.#options.associations.send(client, datagram);
    else if (datagram.destinationPort === DNS_PORT) void this.#answerName(client, datagram);
  }

  async #answerName(client: PathClient, datagram: ReceivedDatagram): Promise<void> {
    const asked = await this.#options.names.answer(client, datagram.data);
    // The address may have become somebody else's meanwhile.
    if (asked === null || this.#options.clients.find(client.address) !== client) return;
    this.#options.answers.send({
      ...{ source: this.#server, sourcePort: DNS_PORT },
      ...{ client: datagram.client, clientPort: datagram.clientPort },
      data: fitDnsAnswer(datagram.data, asked.query, asked.answer),
    });
  }
}
