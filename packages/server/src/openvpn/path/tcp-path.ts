import net, { type Socket } from 'node:net';
import { EXIT_IP_HOST, FlowError } from '@pocketproxy/protocol';
import { type Clock, type Logger, resetSocket } from '@pocketproxy/runtime';
import type { Destination, Flow, Ingress } from '../../domain/ingress.ts';
import type { VpnNetwork } from '../../domain/vpn.ts';
import type { NameService } from '../dns/name-service.ts';
import { serveNamesByTcp } from '../dns/tcp-names.ts';
import type { ClientTable, PathClient } from './client-table.ts';

const DNS_PORT = 53;
const HTTP_PORT = 80;
const BACKLOG = 1_024;
/** Sockets of one client: more than any browser opens, and few enough to leave room for others. */
const MAX_SOCKETS_OF_CLIENT = 4_096;
/** Sockets of all clients. */
const MAX_SOCKETS = 20_000;

export interface TcpPathOptions {
  readonly network: VpnNetwork;
  readonly clients: ClientTable;
  readonly ingress: Ingress;
  readonly names: NameService;
  readonly clock: Clock;
  readonly log: Logger;
}

/** TCP connections of VPN clients. The kernel gives them to us with the destination as our own address. */
export class TcpPath {
  readonly #options: TcpPathOptions;
  readonly #server: net.Server;

  constructor(options: TcpPathOptions) {
    this.#options = options;
    // Paused, because what a client sends at once has to wait for the phone.
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.#server.maxConnections = MAX_SOCKETS;
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Serves a listening socket, which it owns from here on. @throws the system's error */
  listen(fd: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ fd, backlog: BACKLOG }, () => {
        this.#server.off('error', reject);
        // Such as EMFILE: this client is lost, the others stay.
        this.#server.on('error', (error) => this.#options.log.warn({ err: error }, 'VPN flow not accepted'));
        resolve();
      });
    });
  }

  /** Takes no more; those that are open end with their clients. */
  close(): void {
    this.#server.close();
  }

  #accept(socket: Socket): void {
    // First of all: an RST without a listener would end the process.
    socket.on('error', ignore);
    const { remoteAddress, localAddress, localPort } = socket;
    const client = remoteAddress === undefined ? null : this.#options.clients.find(remoteAddress);
    if (client === null || localAddress === undefined || localPort === undefined) {
      resetSocket(socket);
      return;
    }
    if (client.sockets.size >= MAX_SOCKETS_OF_CLIENT) {
      resetSocket(socket);
      return;
    }
    const ending = { end: () => void resetSocket(socket) };
    client.sockets.add(ending);
    socket.once('close', () => client.sockets.delete(ending));
    this.#serve(client, socket, { host: localAddress, port: localPort });
  }

  #serve(client: PathClient, socket: Socket, { host, port }: Destination): void {
    const { network, names, clock } = this.#options;
    if (host !== network.serverAddress) void this.#open(client, socket, { host, port });
    else if (port === DNS_PORT) serveNamesByTcp(socket, client, names, clock);
    else if (port === HTTP_PORT) void this.#open(client, socket, { host: EXIT_IP_HOST, port });
    else resetSocket(socket);
  }

  async #open(client: PathClient, socket: Socket, destination: Destination): Promise<void> {
    const abort = new AbortController();
    const closed = () => abort.abort();
    socket.once('close', closed);
    let flow: Flow;
    try {
      flow = await this.#options.ingress.openFlow(client.access, destination, abort.signal);
    } catch (error) {
      this.#refused(client, destination, error);
      resetSocket(socket);
      return;
    }
    socket.off('close', closed);
    if (socket.destroyed) {
      flow.abandon();
      return;
    }
    void flow.join(socket);
    socket.resume();
  }

  /** The client can be told nothing but that it was refused; who asks finds the reason here. */
  #refused({ address }: PathClient, { host, port }: Destination, error: unknown): void {
    const { log } = this.#options;
    if (error instanceof FlowError) {
      log.debug({ client: address, host, port, error: error.code, detail: error.detail }, 'VPN flow refused');
    } else log.error({ client: address, err: error }, 'a VPN flow failed for an unknown reason');
  }
}

function ignore(): void {}
