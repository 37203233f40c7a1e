import dgram from 'node:dgram';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { FlowError, type FlowErrorCode, type UdpDatagram } from '@pocketproxy/protocol';
import type {
  Access,
  ClientOrigin,
  Destination,
  Flow,
  Ingress,
  ProxyCredentials,
  UdpAssociation,
} from '../../domain/ingress.ts';

const ERRORS: Readonly<Record<string, FlowErrorCode>> = {
  ECONNREFUSED: 'connection_refused',
  ENOTFOUND: 'name_not_found',
  EHOSTUNREACH: 'host_unreachable',
  ENETUNREACH: 'network_unreachable',
};

/** Lets `user` with `secret` in and dials on loopback, whatever host is asked for. */
export class FakeIngress implements Ingress {
  readonly username = 'user';
  readonly password = 'secret';
  /** Addresses that need no password. */
  readonly allowlist = new Set<string>();
  /** Hosts that are refused, with the reason. */
  readonly refused = new Map<string, FlowErrorCode>();
  /** Hosts whose dial does not end before its signal or this promise does. */
  readonly held = new Map<string, Promise<void>>();
  /** Every destination that was asked for. */
  readonly asked: Destination[] = [];
  readonly flows = new Set<FakeFlow>();
  readonly associations = new Set<FakeAssociation>();
  /** Dials that were given up by their signal. */
  aborted = 0;
  /** Answers with a promise, as a slow hash would. */
  slow = false;
  logins = 0;

  allowsWithoutPassword(origin: ClientOrigin): boolean {
    return this.allowlist.has(origin.address);
  }

  authenticate(origin: ClientOrigin, credentials: ProxyCredentials | null): Access | Promise<Access> {
    this.logins += 1;
    const right = credentials?.username === this.username && credentials.password === this.password;
    if (this.allowsWithoutPassword(origin) || right) {
      const access = { connectionId: 'c1', connectionName: 'my "first" phone', deviceId: 'd1' };
      return this.slow ? Promise.resolve(access) : access;
    }
    const error = new FlowError('auth_required');
    if (this.slow) return Promise.reject(error);
    throw error;
  }

  async openFlow(_access: Access, destination: Destination, signal?: AbortSignal): Promise<Flow> {
    this.asked.push(destination);
    const refused = this.refused.get(destination.host);
    if (refused) throw new FlowError(refused);
    await this.#hold(destination.host, signal);
    const socket = await dial(destination);
    const flow = new FakeFlow(socket);
    this.flows.add(flow);
    socket.once('close', () => this.flows.delete(flow));
    return flow;
  }

  async openUdpAssociation(
    _access: Access,
    onDatagram: (datagram: UdpDatagram) => void,
    signal?: AbortSignal,
  ): Promise<UdpAssociation> {
    const refused = this.refused.get('udp');
    if (refused) throw new FlowError(refused);
    await this.#hold('udp', signal);
    const association = new FakeAssociation(onDatagram);
    this.associations.add(association);
    void association.closed.then(() => this.associations.delete(association));
    return association;
  }

  async #hold(host: string, signal: AbortSignal | undefined): Promise<void> {
    const held = this.held.get(host);
    if (!held) return;
    const gone = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => {
        this.aborted += 1;
        reject(new FlowError('tunnel_lost'));
      });
    });
    await Promise.race([held, gone]);
  }
}

function dial({ host, port }: Destination): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const local = host.includes(':') ? '::1' : '127.0.0.1';
    const socket = net.connect({ host: local, port, allowHalfOpen: true, noDelay: true });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      reject(new FlowError(ERRORS[error.code ?? ''] ?? 'connection_reset', undefined, { cause: error })),
    );
    socket.once('connect', () => resolve(socket));
  });
}

/** A flow that is a socket of this host. */
export class FakeFlow implements Flow {
  readonly socket: net.Socket;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('error', ignore);
  }

  join(client: Duplex): Promise<void> {
    const { socket } = this;
    client.on('error', ignore);
    client.on('close', () => {
      if (!client.readableEnded || !socket.writableFinished) socket.resetAndDestroy();
    });
    socket.on('close', () => {
      if (socket.readableEnded) return;
      if (client instanceof net.Socket && !('encrypted' in client)) client.resetAndDestroy();
      else client.destroy();
    });
    // As with a real flow, a client that sent its FIN before it came here must be noticed.
    if (client.readableEnded) socket.end();
    // Not piped: like the real bridge this does not start a stream that somebody paused.
    client.on('data', (chunk: Buffer) => {
      if (!socket.write(chunk)) client.pause();
    });
    socket.on('drain', () => client.resume());
    client.on('end', () => socket.end());
    socket.pipe(client);
    return new Promise((resolve) => client.once('close', resolve));
  }

  asStream(): Duplex {
    return new SocketStream(this.socket);
  }

  abandon(): void {
    this.socket.resetAndDestroy();
  }
}

/** A stream that is no socket, as flows through a tunnel are none. */
class SocketStream extends Duplex {
  readonly #socket: net.Socket;

  constructor(socket: net.Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.#socket.write(chunk, callback);
  }

  override _final(callback: () => void): void {
    this.#socket.end(callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (error) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    callback(error);
  }
}

/** An association that is a UDP socket of this host. */
export class FakeAssociation implements UdpAssociation {
  readonly closed: Promise<void>;
  readonly sent: UdpDatagram[] = [];
  readonly #socket = dgram.createSocket('udp4');
  readonly #onDatagram: (datagram: UdpDatagram) => void;
  #open = true;

  constructor(onDatagram: (datagram: UdpDatagram) => void) {
    this.#onDatagram = onDatagram;
    this.#socket.on('message', (data, peer) => onDatagram({ host: peer.address, port: peer.port, data }));
    this.closed = new Promise((resolve) => this.#socket.once('close', resolve));
  }

  send(datagram: UdpDatagram): void {
    this.sent.push(datagram);
    if (this.#open) this.#socket.send(datagram.data, datagram.port, '127.0.0.1');
  }

  /** Delivers a datagram as if the phone had received it. */
  deliver(datagram: UdpDatagram): void {
    this.#onDatagram(datagram);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
  }
}

function ignore(): void {}
