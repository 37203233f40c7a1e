import http from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { FLOW_ERRORS, FlowError } from '@pocketproxy/protocol';
import { type FlowStream, localWindow } from '@pocketproxy/runtime';
import type { DeviceTunnels } from '../domain/device-tunnel.ts';
import type { LiveConnection } from './live-connection.ts';

/**
 * `http://ip.pocketproxy.internal/`, as every connection can reach it: a page of the relay that says with which
 * address this connection's phone leaves, observed through the phone at that moment.
 */
export class ExitIpPage {
  readonly #tunnels: DeviceTunnels;
  readonly #askers = new WeakMap<Duplex, LiveConnection>();
  readonly #server: http.Server;

  constructor(tunnels: DeviceTunnels) {
    this.#tunnels = tunnels;
    this.#server = http.createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** A flow that ends here instead of in the tunnel. */
  open(connection: LiveConnection): FlowStream {
    const [client, server] = duplexPair();
    this.#askers.set(server, connection);
    this.#server.emit('connection', server);
    return { stream: client, window: localWindow, reset: () => client.destroy(), wasReset: () => false };
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const connection = this.#askers.get(request.socket);
    request.resume();
    if (!connection) return void response.destroy();
    const { id, name, deviceId, deviceName } = connection.snapshot;
    try {
      const ip = await this.#tunnels.pick(deviceId).exitIp();
      respond(response, 200, { ip, device: deviceName, connection: name, deviceId, connectionId: id });
    } catch (error) {
      const failure = error instanceof FlowError ? error : new FlowError('internal_error');
      respond(response, FLOW_ERRORS[failure.code].http, {
        code: failure.code,
        detail: failure.detail,
        connection: name,
      });
    }
  }
}

function respond(response: http.ServerResponse, status: number, body: Record<string, string>): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
