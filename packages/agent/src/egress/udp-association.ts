import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { UdpDatagram } from '@pocketproxy/protocol';
import type { Logger } from '@pocketproxy/runtime';
import type { EgressUdp } from './egress.ts';
import { bindAddress, type EgressSource, type LocalAddress, localAddressFor } from './egress-path.ts';
import type { DialAddress } from './happy-eyeballs.ts';

/** How many peers an association may hear from; the one that was sent to longest ago makes room. */
const MAX_PEERS = 4_096;
/** Datagrams that wait for a name; more are dropped. */
const MAX_RESOLVING = 64;

export interface UdpAssociationOptions {
  /** The addresses to bind now. @throws {FlowError} while the mobile path is missing */
  readonly source: () => EgressSource;
  /**
   * The checked address of a destination; a promise when a name has to be resolved.
   * @throws {FlowError} when it is refused or has no address
   */
  readonly locate: (host: string, port: number) => DialAddress | Promise<DialAddress>;
  readonly onDatagram: (datagram: UdpDatagram) => void;
  readonly log: Logger;
}

/** Which socket a destination gets: a simulated network has another address for loopback. */
type SocketKind = 'ipv4' | 'ipv6' | 'loopback';

/** One association: a socket per IP version, opened when first needed. */
export class UdpAssociation implements EgressUdp {
  readonly #options: UdpAssociationOptions;
  readonly #peers = new Set<string>();
  readonly #sockets = new Map<SocketKind, BoundSocket>();
  #resolving = 0;
  #closed = false;

  constructor(options: UdpAssociationOptions) {
    this.#options = options;
  }

  send({ host, port, data }: UdpDatagram): void {
    if (this.#closed) return;
    try {
      const target = this.#options.locate(host, port);
      if (target instanceof Promise) this.#sendLater(target, port, data);
      else this.#sendTo(target, port, data);
    } catch (error) {
      this.#dropped(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.closeSockets();
  }

  /** Closes the sockets after the path changed: the next datagram opens new ones, with the new addresses. */
  closeSockets(): void {
    for (const { socket } of this.#sockets.values()) socket.close();
    this.#sockets.clear();
    this.#peers.clear();
  }

  #sendLater(target: Promise<DialAddress>, port: number, data: Uint8Array): void {
    if (this.#resolving >= MAX_RESOLVING) {
      target.catch(ignore);
      return;
    }
    this.#resolving += 1;
    target
      .then((address) => {
        if (!this.#closed) this.#sendTo(address, port, data);
      })
      .catch((error: unknown) => this.#dropped(error))
      .finally(() => {
        this.#resolving -= 1;
      });
  }

  #sendTo({ address, family }: DialAddress, port: number, data: Uint8Array): void {
    const source = this.#options.source();
    const local = localAddressFor(source, address);
    if (local === null) return;
    const kind: SocketKind = local !== 'any' && local === source.loopback ? 'loopback' : `ipv${family}`;
    const socket = this.#socket(kind, family, local);
    this.#remember(peerKey(address, port));
    socket.send(data, port, address, ignore);
  }

  #socket(kind: SocketKind, family: 4 | 6, local: LocalAddress): Socket {
    const open = this.#sockets.get(kind);
    if (open?.local === local) return open.socket;
    open?.socket.close();
    const socket = this.#open(kind, family, local);
    this.#sockets.set(kind, { local, socket });
    return socket;
  }

  #open(kind: SocketKind, family: 4 | 6, local: LocalAddress): Socket {
    const socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      ipv6Only: family === 6,
      // Destinations are addresses by now. Without this, every datagram would take a detour by `dns.lookup`.
      lookup: (hostname, _options, callback) => callback(null, hostname, family),
    });
    socket.on('error', (error) => {
      this.#dropped(error);
      if (this.#sockets.get(kind)?.socket === socket) this.#sockets.delete(kind);
      closeQuietly(socket);
    });
    socket.on('message', (data, from) => this.#received(data, from));
    socket.bind({ port: 0, address: bindAddress(local) ?? (family === 4 ? '0.0.0.0' : '::') });
    return socket;
  }

  #received(data: Buffer, from: RemoteInfo): void {
    if (this.#closed || !this.#peers.has(peerKey(from.address, from.port))) return;
    this.#options.onDatagram({ host: from.address, port: from.port, data });
  }

  #remember(peer: string): void {
    if (this.#peers.delete(peer) || this.#peers.size < MAX_PEERS) {
      this.#peers.add(peer);
      return;
    }
    const oldest = this.#peers.values().next();
    if (!oldest.done) this.#peers.delete(oldest.value);
    this.#peers.add(peer);
  }

  #dropped(error: unknown): void {
    this.#options.log.debug({ err: error }, 'datagram dropped');
  }
}

interface BoundSocket {
  readonly local: LocalAddress;
  readonly socket: Socket;
}

function peerKey(address: string, port: number): string {
  return `${address} ${port}`;
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // A socket that failed may be closed already.
  }
}

function ignore(): void {}
