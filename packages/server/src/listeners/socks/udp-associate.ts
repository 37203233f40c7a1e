import dgram from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { decodeUdpDatagram, encodeUdpDatagram, FlowError, type UdpDatagram } from '@pocketproxy/protocol';
import { plainAddress } from '../../domain/addresses.ts';
import type { Access, Destination, UdpAssociation } from '../../domain/ingress.ts';
import type { Client } from '../client.ts';
import type { ClientRegistry } from '../client-registry.ts';
import type { ListenerContext } from '../listener-context.ts';
import { socks5Reply } from './socks5-reply.ts';

/** How often a client that vanished without FIN is asked for, on the TCP connection that holds its association. */
const CONTROL_KEEPALIVE_MS = 30_000;

/**
 * Serves UDP ASSOCIATE (RFC 1928 section 7): a UDP socket of its own on the listener's address, for as long as the
 * TCP connection of the request lives and no longer.
 * @param announced Where the client says that its datagrams will come from; zeros when it does not say.
 */
export function associateUdp(
  context: ListenerContext,
  client: Client,
  control: Duplex,
  access: Access,
  announced: Destination,
  answer: { refused(error: unknown): void },
): void {
  client.deadline = 0;
  client.socket.setKeepAlive(true, CONTROL_KEEPALIVE_MS);
  const relay = new UdpRelay(context.clients, client, announced);
  const abort = new AbortController();
  client.onClosed(() => abort.abort());
  const opened = (association: UdpAssociation) => {
    if (control.destroyed) association.close();
    else relay.start(association, control, context.announcedUdpHost, answer);
  };
  const failed = (error: unknown) => {
    if (!control.destroyed) answer.refused(error);
  };
  context.ingress.openUdpAssociation(access, relay.toClient, abort.signal).then(opened, failed);
}

class UdpRelay {
  readonly #clients: ClientRegistry;
  readonly #client: Client;
  #socket: dgram.Socket | null = null;
  /** The one port of the client whose datagrams are taken, 0 until it is known. */
  #clientPort: number;

  constructor(clients: ClientRegistry, client: Client, announced: Destination) {
    this.#clients = clients;
    this.#client = client;
    // Behind NAT a client announces what its datagrams will not come from; then the first one tells.
    this.#clientPort = announced.host === client.origin.address ? announced.port : 0;
  }

  start(
    association: UdpAssociation,
    control: Duplex,
    announcedHost: string | null,
    answer: { refused(error: unknown): void },
  ): void {
    const local = plainAddress(this.#client.socket.localAddress ?? '');
    const socket = dgram.createSocket({ type: isIPv6(local) ? 'udp6' : 'udp4', lookup: literalLookup });
    let bound = false;
    const close = () => {
      if (this.#socket === null) return;
      this.#socket = null;
      this.#clients.datagramSockets -= 1;
      socket.close();
      association.close();
    };
    this.#socket = socket;
    this.#clients.datagramSockets += 1;
    socket.on('error', (error) => {
      if (this.#socket === null) return;
      close();
      if (bound) control.destroy();
      else answer.refused(new FlowError('overloaded', 'No UDP socket could be opened', { cause: error }));
    });
    socket.on('message', (bytes, peer) => this.#fromClient(association, bytes, peer));
    this.#client.onClosed(close);
    control.on('end', () => control.destroy());
    void association.closed.then(() => {
      close();
      control.destroy();
    });
    socket.bind({ address: local, port: 0, exclusive: true }, () => {
      bound = true;
      if (this.#socket === null) return;
      control.write(socks5Reply(0, announcedHost ?? local, socket.address().port));
      // Nothing more is said on this connection, but its end must be noticed.
      control.resume();
    });
  }

  /** Hands a datagram from the phone to the client. */
  readonly toClient = (datagram: UdpDatagram): void => {
    if (this.#socket === null || this.#clientPort === 0) return;
    this.#socket.send(encodeUdpDatagram(datagram), this.#clientPort, this.#client.origin.address, ignore);
  };

  #fromClient(association: UdpAssociation, bytes: Buffer, peer: dgram.RemoteInfo): void {
    if (plainAddress(peer.address) !== this.#client.origin.address) return;
    if (this.#clientPort !== 0 && peer.port !== this.#clientPort) return;
    const datagram = decodeUdpDatagram(bytes);
    if (datagram === null || datagram.port === 0) return;
    this.#clientPort = peer.port;
    association.send(datagram);
  }
}

/** Clients are addresses: nothing has to be looked up, least of all once per datagram. */
function literalLookup(
  address: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, isIPv6(address) ? 6 : 4);
}

/** A datagram that could not be sent (too large, queue full) is lost, as datagrams are. */
function ignore(): void {}
