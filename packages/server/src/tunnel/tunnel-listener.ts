import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { RELAY_PATHS, TUNNEL_ALPN } from '@pocketproxy/protocol';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { plainAddress } from '../domain/addresses.ts';
import { clientNetwork } from '../domain/client-network.ts';
import { type CertificateAuthority, keyFingerprint, type ServerIdentity } from './certificate-authority.ts';
import { HandshakeQueue } from './handshake-queue.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** For one exchange by HTTP, after which the connection is closed anyway. */
const HTTP_TIMEOUT_MS = 10_000;
/** What one turn of the event loop may have to do before customers have theirs: some fifty milliseconds at worst. */
const HANDSHAKES_AT_ONCE = 48;
/** Most phones answer within this; one that says nothing more keeps no place. With all 48: 240 handshakes begin in a second. */
const HANDSHAKE_SLOT_MS = 200;
/** As many as can be served before the first of them gives up. */
const HANDSHAKES_WAITING = 4_096;
/** Each has a TLS engine already, and may begin its handshake at any moment: a quarter of a second's work if all do at once. */
const SILENT_SOCKETS = 256;
const LISTEN_BACKLOG = 1_024;
const HTTP_ALPN = 'http/1.1';
/** AES-128 first: as safe as AES-256 here, and bulk encryption is what the tunnel spends most of its time on. */
const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

/** The peer of a TLS handshake that proved to hold a device's certificate. */
export interface DevicePeer {
  readonly deviceId: string;
  readonly keyFingerprint: string;
}

export interface TunnelListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: ServerIdentity;
  readonly authority: CertificateAuthority;
  /** Takes over a socket whose certificate our CA signed; must check that the key is still the device's. */
  readonly onDevice: (socket: TLSSocket, peer: DevicePeer) => void;
  /** Serves `POST /pair`. */
  readonly onPair: http.RequestListener;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The tunnel port: TLS 1.3 with two protocols by ALPN. `pocketproxy/1` needs a device certificate and becomes a
 * session; `http/1.1` serves pairing and the address echo.
 */
export class TunnelListener {
  readonly #options: TunnelListenerOptions;
  readonly #server: net.Server;
  readonly #tls: tls.Server;
  readonly #queue: HandshakeQueue;
  readonly #http: http.Server;
  readonly #sockets = new Set<TLSSocket>();

  constructor(options: TunnelListenerOptions) {
    this.#options = options;
    this.#http = http.createServer((request, response) => this.#serve(request, response));
    // It listens nowhere: sockets are handed to it when their turn has come.
    this.#tls = tls.createServer({
      key: options.identity.key,
      cert: options.identity.chain,
      ca: options.authority.certificatePem,
      minVersion: 'TLSv1.3',
      ciphers: CIPHERS,
      ALPNProtocols: [TUNNEL_ALPN, HTTP_ALPN],
      requestCert: true,
      // An agent that pairs has no certificate yet; sessions check `authorized` themselves.
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    this.#tls.on('secureConnection', (socket) => {
      this.#queue.done(idOf(socket));
      this.#accept(socket);
    });
    this.#tls.on('tlsClientError', (error, socket) => {
      options.log.debug({ err: error }, 'tunnel handshake failed');
      // Node reports a handshake that took too long, and leaves the socket open.
      socket.destroy();
    });
    this.#queue = new HandshakeQueue({
      ...{ atOnce: HANDSHAKES_AT_ONCE, slotMs: HANDSHAKE_SLOT_MS },
      ...{ waiting: HANDSHAKES_WAITING, silent: SILENT_SOCKETS, limitMs: HANDSHAKE_TIMEOUT_MS },
      clock: options.clock,
      begin: (socket) => this.#tls.emit('connection', socket),
      // The first ends the turn that the handshake begins in, the second the next one, in which the socket was looked at.
      afterReading: (then) => setImmediate(() => setImmediate(then)),
    });
    // Paused, so that no byte comes before there is somebody to read it.
    this.#server = net.createServer({ pauseOnConnect: true }, (socket) => {
      // First of all: an RST without a listener would end the process.
      socket.on('error', () => socket.destroy());
      this.#queue.add(socket, { id: idOf(socket), network: clientNetwork(socket.remoteAddress ?? '') });
    });
    // Such as EMFILE: this phone is lost and dials again, the port stays.
    this.#server.on('error', (error) => options.log.warn({ err: error }, 'a phone was not accepted'));
  }

  /** Starts to listen. Answers the port. Rejects with the system's error, e.g. EADDRINUSE. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      const { host, port } = this.#options;
      this.#server.listen({ host, port, backlog: LISTEN_BACKLOG }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts nothing more. Sessions are their owner's to end. */
  stopAccepting(): void {
    this.#server.close();
    this.#queue.clear();
  }

  /** Destroys what is left of accepted sockets. */
  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    if (socket.alpnProtocol !== TUNNEL_ALPN) {
      this.#acceptHttp(socket);
      return;
    }
    const peer = readPeer(socket);
    if (peer) this.#options.onDevice(socket, peer);
    else socket.destroy();
  }

  /** An `http.Server` that listens nowhere looks after no time limits of its own. */
  #acceptHttp(socket: TLSSocket): void {
    const deadline = this.#options.clock.setTimeout(() => socket.destroy(), HTTP_TIMEOUT_MS);
    socket.once('close', () => deadline.cancel());
    this.#http.emit('connection', socket);
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (request.method === 'POST' && request.url === RELAY_PATHS.pair) {
      this.#options.onPair(request, response);
      return;
    }
    const isEcho = request.method === 'GET' && request.url === RELAY_PATHS.echo;
    const body = isEcho ? { ip: plainAddress(request.socket.remoteAddress ?? '') } : { code: 'not_found' };
    response.writeHead(isEcho ? 200 : 404, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  }
}

/** Unique among open connections; the same for a socket and for the TLS that is spoken on it. */
function idOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function readPeer(socket: TLSSocket): DevicePeer | null {
  if (!socket.authorized) return null;
  const certificate = socket.getPeerX509Certificate();
  const name = certificate?.subject.match(/^CN=([^\n]+)$/m)?.[1];
  if (!certificate || !name) return null;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return { deviceId: name, keyFingerprint: keyFingerprint(spki) };
}
