import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { FlowError, type FlowErrorCode } from '@pocketproxy/protocol';
import type { Access } from '../../domain/ingress.ts';
import type { Client } from '../client.ts';
import type { ListenerContext } from '../listener-context.ts';
import { Forward } from './forward.ts';
import { HttpClient } from './http-client.ts';
import type { OriginAgent } from './origin-agent.ts';
import { refusalOf } from './refusal.ts';
import { type RequestHead, readRequestHead } from './request-head.ts';
import { type AbsoluteTarget, readAbsoluteTarget } from './request-target.ts';
import { takeOver } from './takeover.ts';

/** Refusals after which nothing that the client sends can be trusted to be a request, or is wanted. */
const CLOSING: ReadonlySet<FlowErrorCode> = new Set([
  'malformed_request',
  'request_timeout',
  'unsupported',
  'overloaded',
  'internal_error',
]);

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a session needs of the listener that it belongs to. */
export interface HttpHost {
  readonly context: ListenerContext;
  readonly draining: boolean;
  /** Reads requests from the stream again, after CONNECT or an upgrade took it from the HTTP parser. */
  attach(stream: Duplex): void;
}

/** The requests of one HTTP client, one after the other. */
export class HttpSession {
  readonly #host: HttpHost;
  readonly #http: HttpClient;
  readonly #waiting: Exchange[] = [];
  #current: Exchange | null = null;
  #forward: Forward | null = null;
  #origins: OriginAgent | null = null;

  constructor(host: HttpHost, client: Client, stream: Duplex) {
    this.#host = host;
    this.#http = new HttpClient(host.context, client, stream);
    client.onExpired(() => this.#expired());
    client.onClosed(() => this.#origins?.close());
  }

  /**
   * Takes a request. Requests that were pipelined wait for those before them. Nothing is done about one before the
   * bytes that came with it were parsed: what follows may show that it is malformed.
   */
  request(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', ignore);
    if (this.#current === null) this.#begin({ request, response });
    else if (this.#waiting.length < this.#host.context.limits.pendingRequests) {
      this.#waiting.push({ request, response });
    } else this.#http.client.reset();
  }

  /** Takes a request that takes the stream from the HTTP parser. */
  takeOver(request: IncomingMessage, early: Buffer, kind: 'connect' | 'upgrade'): void {
    const { client, stream } = this.#http;
    if (this.#current !== null) {
      // Pipelined behind a request that still uses the stream.
      client.reset();
      return;
    }
    this.#origins?.close();
    this.#origins = null;
    if (early.length > 0) stream.unshift(early);
    takeOver(this.#http, request, kind, this.#host.draining ? null : () => this.#host.attach(stream));
  }

  /** The parser gave up on what the client sent. */
  malformed(error: NodeJS.ErrnoException & { reason?: string }): void {
    const { client, stream } = this.#http;
    if (!stream.writable) {
      // Refused already, or gone: what it still sends is of no interest, and not even thrown away for ever.
      const { malformedBytes } = this.#host.context.limits;
      if (client.deadline === 0 || client.socket.bytesRead > malformedBytes) client.reset();
    } else if (this.#current?.response.headersSent) {
      client.reset();
    } else {
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : undefined;
      this.#close(new FlowError('malformed_request', error.reason), undefined, status);
    }
  }

  #begin(exchange: Exchange): void {
    this.#current = exchange;
    exchange.response.once('close', () => this.#finished(exchange.request));
    // Ticks run between the pieces of a body that came at once, immediates do not. Only chunks can be malformed.
    if (exchange.request.headers['transfer-encoding'] === undefined) process.nextTick(serve, this, exchange);
    else setImmediate(serve, this, exchange);
  }

  /** @internal Called by `#begin` once the bytes at hand were parsed. */
  serve(exchange: Exchange): void {
    if (!this.#http.stream.writable) return;
    this.#http.headComplete();
    const { request } = exchange;
    let head: RequestHead;
    let target: AbsoluteTarget;
    try {
      head = readRequestHead(request);
      target = readAbsoluteTarget(request.url!, head.host);
    } catch (error) {
      this.#refuse(exchange, error);
      return;
    }
    const granted = (access: Access) => this.#send(exchange, head, target, access);
    this.#http.authenticate(head, granted, (error) => this.#refuse(exchange, error));
  }

  #send(exchange: Exchange, head: RequestHead, target: AbsoluteTarget, access: Access): void {
    const http = this.#http;
    if (!http.stream.writable) return;
    http.denials = 0;
    if (this.#origins?.access.connectionId === access.connectionId) this.#origins.access = access;
    else {
      this.#origins?.close();
      this.#origins = http.openOrigins(access);
    }
    this.#forward = new Forward({
      http,
      ...exchange,
      head,
      target,
      origins: this.#origins!,
      refuse: (error) => this.#refuse(exchange, error, access),
    });
    this.#forward.start();
  }

  /** Refuses a request; the connection stays open for the next one where that is safe. */
  #refuse(exchange: Exchange, error: unknown, access?: Access): void {
    const { request, response } = exchange;
    if (!this.#http.stream.writable) return;
    if (response.headersSent) {
      this.#http.client.reset();
      return;
    }
    const { failure, close } = this.#http.refused(error);
    if (close || this.#host.draining || !request.complete || CLOSING.has(failure.code)) {
      request.resume();
      this.#close(failure, access);
      return;
    }
    const { status, reason, fields, body } = refusalOf(failure, this.#http.subject(access));
    response.sendDate = false;
    response.writeHead(status, reason, fields);
    response.end(body);
  }

  /** Refuses whatever the client is at and closes. */
  #close(failure: FlowError, access?: Access, status?: number): void {
    this.#forward?.cancel();
    this.#origins?.close();
    this.#http.closeWith(failure, access, status);
  }

  #finished(request: IncomingMessage): void {
    this.#current = null;
    this.#forward = null;
    const { client, stream, context } = this.#http;
    if (!stream.writable) return;
    if (this.#host.draining) {
      client.endWith(stream, null, context.clients.now() + context.limits.lingerMs);
      return;
    }
    const next = this.#waiting.shift();
    if (next) this.#begin(next);
    else if (request.complete) this.#awaitRequest();
    else this.#awaitEnd(request);
  }

  #awaitRequest(): void {
    const { client, context, denials } = this.#http;
    this.#http.setDeadline(denials > 0 ? context.limits.handshakeMs : context.limits.keepAliveMs);
    if (denials === 0) client.idleAtBytes = client.socket.bytesRead;
  }

  /** Waits for the end of a body that nobody reads any more. */
  #awaitEnd(request: IncomingMessage): void {
    this.#http.setDeadline(this.#host.context.limits.lingerMs);
    request.once('end', () => {
      if (this.#current === null && this.#http.stream.writable) this.#awaitRequest();
    });
  }

  #expired(): void {
    const { client, stream } = this.#http;
    if (client.idleAtBytes >= 0 || !stream.writable) client.socket.destroy();
    else if (this.#current !== null) client.reset();
    else this.#close(new FlowError('request_timeout'));
  }
}

function serve(session: HttpSession, exchange: Exchange): void {
  session.serve(exchange);
}

function ignore(): void {}
