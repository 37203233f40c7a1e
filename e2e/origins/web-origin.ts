import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import type { GitOrigin } from './git-origin.ts';
import type { LabCertificates } from './lab-ca.ts';
import { serveWeb, type WebStats } from './web-routes.ts';
import { echoWebSockets } from './websocket-echo.ts';

/** A request as an origin saw it. */
export interface SeenRequest {
  readonly from: string;
  readonly version: string;
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
}

export interface WebOriginOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Serves HTTPS with HTTP/2 and HTTP/1.1 instead of HTTP. */
  readonly tls?: LabCertificates | undefined;
  readonly git?: GitOrigin | undefined;
}

/** A web server on the far side of the proxy, which remembers what reached it. */
export class WebOrigin implements WebStats {
  readonly requests: SeenRequest[] = [];
  /** TCP connections accepted so far. */
  connections = 0;
  /** Bytes that all sockets have read and written so far, those of closed ones included. */
  bodyBytesSent = 0;
  stalledStreams = 0;
  readonly #server: NetServer;
  readonly #sockets = new Set<Socket>();
  readonly #secure: boolean;
  #bytesReadBefore = 0;

  private constructor(server: NetServer, secure: boolean) {
    this.#server = server;
    this.#secure = secure;
    server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#bytesReadBefore += socket.bytesRead;
      });
    });
  }

  static async start(options: WebOriginOptions = {}): Promise<WebOrigin> {
    const holder: { origin?: WebOrigin } = {};
    const listener: RequestListener = (request, response) => {
      holder.origin?.requests.push(seen(request));
      serveWeb(request, response, holder.origin!, options.git);
    };
    const server = options.tls ? secureServer(options.tls, listener) : plainServer(listener);
    holder.origin = new WebOrigin(server, options.tls !== undefined);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
    return holder.origin;
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  get port(): number {
    return this.address.port;
  }

  /** `http(s)://address:port` and the path. */
  url(path = '/'): string {
    const { address, family, port } = this.address;
    const host = family === 'IPv6' ? `[${address}]` : address;
    return `${this.#secure ? 'https' : 'http'}://${host}:${port}${path}`;
  }

  /** Bytes received on all connections so far. */
  get bytesRead(): number {
    return [...this.#sockets].reduce((sum, socket) => sum + socket.bytesRead, this.#bytesReadBefore);
  }

  /** Open TCP connections now. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function seen(request: IncomingMessage): SeenRequest {
  return {
    from: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    version: request.httpVersion,
    method: request.method ?? '',
    url: request.url ?? '',
    rawHeaders: request.rawHeaders,
  };
}

function plainServer(listener: RequestListener): Server {
  const server = createServer({ keepAliveTimeout: 30_000 }, listener);
  echoWebSockets(server);
  return server;
}

function secureServer(tls: LabCertificates, listener: RequestListener): NetServer {
  const server = createSecureServer({ key: tls.key, cert: tls.certificate, allowHTTP1: true });
  // Node's compatibility layer gives HTTP/2 requests the shape of HTTP/1.1 ones, all that the routes use.
  server.on('request', (request, response) => {
    listener(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse & { req: IncomingMessage },
    );
  });
  return server;
}
