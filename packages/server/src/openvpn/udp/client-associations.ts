import { FlowError, type UdpDatagram } from '@pocketproxy/protocol';
import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { Ingress, UdpAssociation } from '../../domain/ingress.ts';
import type { PathClient } from '../path/client-table.ts';
import type { ReceivedDatagram } from '../sockets/datagram-batch.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../sockets/socket-address.ts';
import type { AnswerSender } from './answer-sender.ts';

/** At least two minutes, says RFC 4787 section 4.3. */
const IDLE_MS = 2 * 60_000;
const SWEEP_MS = 5_000;
/** Ports of one client; the one that was idle longest makes room. */
const MAX_PORTS_OF_CLIENT = 1_024;
/** Datagrams that wait until the phone is ready: the first flight of a QUIC client, and its repetition. */
const MAX_WAITING = 32;
/** After a refusal, what comes from the port is dropped for this long before the phone is asked again. */
const REFUSED_MS = 1_000;

export interface ClientAssociationsOptions {
  readonly ingress: Ingress;
  readonly answers: AnswerSender;
  readonly clock: Clock;
  readonly log: Logger;
}

/** UDP of VPN clients: an association through the phone for each of their ports, as a NAT has a mapping for each. */
export class ClientAssociations {
  readonly #options: ClientAssociationsOptions;
  readonly #byPort = new Map<number, PortAssociation>();
  readonly #timer: Timer;

  constructor(options: ClientAssociationsOptions) {
    this.#options = options;
    this.#timer = options.clock.setInterval(() => this.#sweep(), SWEEP_MS);
  }

  get size(): number {
    return this.#byPort.size;
  }

  /** Sends a client's datagram on its way. Keeps `data` while the phone is not ready. */
  send(
    client: PathClient,
    { client: address, clientPort, destination, destinationPort, data }: ReceivedDatagram,
  ): void {
    if (destinationPort === 0 || clientPort === 0) return;
    const key = address * 0x10000 + clientPort;
    let association = this.#byPort.get(key);
    if (association?.isOver(this.#options.clock.monotonic())) {
      association.end();
      association = undefined;
    }
    association ??= this.#open(key, client, address, clientPort);
    association.send({ host: formatIpv4(destination), port: destinationPort, data });
  }

  close(): void {
    this.#timer.cancel();
    for (const association of [...this.#byPort.values()]) association.end();
  }

  #open(key: number, client: PathClient, address: Ipv4, port: number): PortAssociation {
    if (client.associations.size >= MAX_PORTS_OF_CLIENT) this.#endIdlest(client);
    const association = new PortAssociation(this.#options, client, address, port, () => {
      this.#byPort.delete(key);
      client.associations.delete(association);
    });
    this.#byPort.set(key, association);
    client.associations.add(association);
    return association;
  }

  #endIdlest(client: PathClient): void {
    let idlest: PortAssociation | null = null;
    for (const one of client.associations as Set<PortAssociation>) {
      if (idlest === null || one.usedAt < idlest.usedAt) idlest = one;
    }
    idlest?.end();
  }

  #sweep(): void {
    const now = this.#options.clock.monotonic();
    for (const association of this.#byPort.values()) {
      if (association.isOver(now)) association.end();
    }
  }
}

/** The association of one port of a client, from its first datagram on. */
class PortAssociation {
  readonly #options: ClientAssociationsOptions;
  readonly #address: Ipv4;
  readonly #port: number;
  readonly #onEnd: () => void;
  readonly #abort = new AbortController();
  #waiting: UdpDatagram[] = [];
  #open: UdpAssociation | null = null;
  #refused = false;
  #ended = false;
  /** When a datagram passed last, on the monotonic clock. */
  usedAt: number;

  constructor(
    options: ClientAssociationsOptions,
    client: PathClient,
    address: Ipv4,
    port: number,
    onEnd: () => void,
  ) {
    this.#options = options;
    this.#address = address;
    this.#port = port;
    this.#onEnd = onEnd;
    this.usedAt = options.clock.monotonic();
    void this.#start(client);
  }

  /** Nothing has passed for so long that the next datagram is a new beginning. */
  isOver(now: number): boolean {
    return now - this.usedAt >= (this.#refused ? REFUSED_MS : IDLE_MS);
  }

  send(datagram: UdpDatagram): void {
    if (this.#refused) return;
    this.usedAt = this.#options.clock.monotonic();
    if (this.#open) this.#open.send(datagram);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(datagram);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = [];
    this.#abort.abort();
    this.#open?.close();
    this.#onEnd();
  }

  async #start(client: PathClient): Promise<void> {
    const { ingress, log } = this.#options;
    try {
      const association = await ingress.openUdpAssociation(
        client.access,
        (datagram) => this.#received(datagram),
        this.#abort.signal,
      );
      if (this.#ended) {
        association.close();
        return;
      }
      this.#open = association;
      void association.closed.then(() => this.end());
      for (const datagram of this.#waiting) association.send(datagram);
      this.#waiting = [];
    } catch (error) {
      this.#waiting = [];
      this.#refused = true;
      this.usedAt = this.#options.clock.monotonic();
      if (error instanceof FlowError) {
        log.debug(
          { client: client.address, error: error.code, detail: error.detail },
          'VPN datagrams refused',
        );
      } else log.error({ client: client.address, err: error }, 'VPN datagrams failed for an unknown reason');
    }
  }

  #received({ host, port, data }: UdpDatagram): void {
    const source = parseIpv4(host);
    // The client has no IPv6 inside, so it has asked no such peer.
    if (source === null || this.#ended) return;
    this.usedAt = this.#options.clock.monotonic();
    const { answers } = this.#options;
    answers.send({ source, sourcePort: port, client: this.#address, clientPort: this.#port, data });
  }
}
