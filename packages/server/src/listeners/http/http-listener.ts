import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Client } from '../client.ts';
import type { ListenerContext } from '../listener-context.ts';
import { type HttpHost, HttpSession } from './http-session.ts';
import { isWebSocketUpgrade } from './upgrade.ts';

/**
 * The HTTP side of all ports. One `http.Server` that listens nowhere parses the requests of streams that are handed to
 * it; everything else about them (deadlines, order, refusals) is decided in their sessions.
 */
export class HttpListener implements HttpHost {
  readonly context: ListenerContext;
  readonly #server: http.Server;
  readonly #sessions = new WeakMap<Duplex, HttpSession>();
  draining = false;

  constructor(context: ListenerContext) {
    this.context = context;
    const server = http.createServer({
      maxHeaderSize: context.limits.headerBytes,
      insecureHTTPParser: false,
      // Checked in the session, with the other rules and answers of a proxy.
      requireHostHeader: false,
      // Deadlines are the client registry's.
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      shouldUpgradeCallback: isWebSocketUpgrade,
    });
    // The size limit bounds them. A limit in number would drop fields without a word.
    server.maxHeadersCount = 0;
    const request = (incoming: IncomingMessage, response: ServerResponse) =>
      this.#sessions.get(incoming.socket)?.request(incoming, response);
    server.on('request', request);
    // Expectations are for the origin to answer.
    server.on('checkContinue', request);
    server.on('checkExpectation', request);
    server.on('connect', (incoming, stream, early) => {
      this.#sessions.get(stream)?.takeOver(incoming, early, 'connect');
    });
    server.on('upgrade', (incoming, stream, early) => {
      this.#sessions.get(stream)?.takeOver(incoming, early, 'upgrade');
    });
    server.on('clientError', (error, stream) => {
      const session = this.#sessions.get(stream);
      if (session) session.malformed(error);
      else stream.destroy();
    });
    this.#server = server;
  }

  /** Serves a client from a stream whose first bytes were put back. */
  accept(client: Client, stream: Duplex): void {
    this.#sessions.set(stream, new HttpSession(this, client, stream));
    this.attach(stream);
  }

  attach(stream: Duplex): void {
    this.#server.emit('connection', stream);
  }

  /** From here on clients are let go after the answer that they wait for. */
  drain(): void {
    this.draining = true;
  }
}
