import net from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { plainAddress } from '../domain/addresses.ts';
import type { Ingress } from '../domain/ingress.ts';
import { Client } from './client.ts';
import { ClientRegistry } from './client-registry.ts';
import { Dispatcher } from './dispatcher.ts';
import { HttpListener } from './http/http-listener.ts';
import { DEFAULT_LIMITS, type ListenerLimits } from './limits.ts';
import { ListenError } from './listen-error.ts';
import type { ListenerContext } from './listener-context.ts';
import { OverloadedIngress } from './overloaded-ingress.ts';

const LISTEN_BACKLOG = 1024;

export interface PortListenersOptions {
  readonly ingress: Ingress;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Address on which all ports open. */
  readonly address: string;
  /** The relay's current certificate for HTTPS proxies (TLS 1.2 or later); `null` refuses TLS. */
  readonly secureContext: () => SecureContext | null;
  readonly limits?: Partial<ListenerLimits> | undefined;
  /** How many descriptors clients may have now, if that is less than `limits.clients`. */
  readonly descriptors?: (() => number) | undefined;
  /** Told of each client for whom there was no room. */
  readonly onOverload?: (() => void) | undefined;
  /** What UDP ASSOCIATE names as the relay's address, for relays behind address translation. */
  readonly announcedUdpHost?: string | null | undefined;
}

/** The ports of all connections, each with every protocol on it. */
export class PortListeners {
  readonly #address: string;
  readonly #logger: Logger;
  readonly #limits: ListenerLimits;
  readonly #clients: ClientRegistry;
  readonly #dispatcher: Dispatcher;
  /** For clients beyond the limit. */
  readonly #refusing: Dispatcher;
  readonly #descriptors: () => number;
  readonly #onOverload: () => void;
  readonly #http: HttpListener;
  readonly #servers = new Map<number, net.Server>();

  constructor(options: PortListenersOptions) {
    const { ingress, clock, logger, address, secureContext, announcedUdpHost = null } = options;
    this.#address = address;
    this.#logger = logger;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#clients = new ClientRegistry(clock, this.#limits.handshakeMs);
    const context: ListenerContext = {
      ingress,
      logger,
      announcedUdpHost,
      clock,
      limits: this.#limits,
      clients: this.#clients,
    };
    this.#http = new HttpListener(context);
    this.#dispatcher = new Dispatcher(context, this.#http, secureContext);
    this.#descriptors = options.descriptors ?? (() => this.#limits.clients);
    this.#onOverload = options.onOverload ?? (() => {});
    const refusing = { ...context, ingress: new OverloadedIngress(ingress, this.#onOverload) };
    const refusingHttp = new HttpListener(refusing);
    // Such a client is let go after its answer.
    refusingHttp.drain();
    this.#refusing = new Dispatcher(refusing, refusingHttp, secureContext);
  }

  /** Client sockets of all ports. */
  get clientCount(): number {
    return this.#clients.size;
  }

  /** How many descriptors clients may have at the moment. */
  get clientLimit(): number {
    return Math.min(this.#limits.clients, this.#descriptors());
  }

  /** Whether the next client would be refused. */
  get isFull(): boolean {
    return this.#clients.descriptors >= this.clientLimit;
  }

  /** Open ports, a descriptor each. */
  get portCount(): number {
    return this.#servers.size;
  }

  /**
   * Opens a port; 0 opens a free one. Answers which it is.
   * @throws {ListenError}
   */
  open(port: number): Promise<number> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true });
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => reject(new ListenError(port, error));
      server.once('error', failed);
      server.listen({ port, host: this.#address, backlog: LISTEN_BACKLOG, exclusive: true }, () => {
        const { port: actual } = server.address() as net.AddressInfo;
        server.off('error', failed);
        // Such as EMFILE: this client is lost, the port stays.
        server.on('error', (error) =>
          this.#logger.warn({ port: actual, err: error }, 'a client was not accepted'),
        );
        server.on('connection', (socket) => this.#accept(actual, socket));
        this.#servers.set(actual, server);
        resolve(actual);
      });
    });
  }

  /** Closes a port and ends its clients. A port that is not open is none of our business. */
  async close(port: number): Promise<void> {
    const server = this.#servers.get(port);
    if (!server) return;
    this.#servers.delete(port);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#clients.destroyPort(port);
    await closed;
  }

  /** Ends the live clients of a port, which stays open. */
  destroyConnection(port: number): void {
    this.#clients.destroyPort(port);
  }

  /** Closes all ports. Flows that are open may finish within `drainMs`. */
  async closeAll(drainMs: number): Promise<void> {
    const closed = [...this.#servers.values()].map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    this.#servers.clear();
    this.#http.drain();
    await this.#clients.drain(drainMs);
    await Promise.all(closed);
  }

  #accept(port: number, socket: net.Socket): void {
    // First of all: an RST without a listener would end the process.
    socket.on('error', ignore);
    const { remoteAddress } = socket;
    const crowd = this.#clients.descriptors - this.clientLimit;
    if (remoteAddress === undefined || crowd >= this.#limits.refusals) {
      if (remoteAddress !== undefined) this.#onOverload();
      socket.destroy();
      return;
    }
    const client = new Client(socket, { port, address: plainAddress(remoteAddress) });
    this.#clients.add(client);
    if (crowd < 0) {
      this.#dispatcher.accept(client);
      return;
    }
    client.deadline = this.#clients.now() + this.#limits.refusalMs;
    this.#refusing.accept(client);
  }
}

function ignore(): void {}
