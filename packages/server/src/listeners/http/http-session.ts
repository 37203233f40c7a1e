import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { FlowError, type FlowErrorCode } from '@pocketproxy/protocol';
import type { Access, Destination, ProxyCredentials } from '../../domain/ingress.ts';
import { authenticate } from '../authenticate.ts';
import type { Client } from '../client.ts';
import { connectClient } from '../client-flow.ts';
import { flowErrorOf } from '../flow-failure.ts';
import type { ListenerContext } from '../listener-context.ts';
import { parseBasicCredentials } from './basic-credentials.ts';
import { Forward } from './forward.ts';
import { OriginAgent } from './origin-agent.ts';
import { refusalBytes, refusalOf } from './refusal.ts';
import { type RequestHead, readRequestHead } from './request-head.ts';
import {
  type AbsoluteTarget,
  hostMatches,
  parseAbsoluteTarget,
  parseConnectTarget,
} from './request-target.ts';
import { relayUpgrade } from './upgrade.ts';

const ESTABLISHED = Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n');

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

/** One HTTP client: its requests one after the other, its credentials, its connections to origins. */
export class HttpSession {
  readonly #host: HttpHost;
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #waiting: Exchange[] = [];
  #current: Exchange | null = null;
  #forward: Forward | null = null;
  #origins: OriginAgent | null = null;
  /** Denials since the last request that was let in. */
  #denials = 0;
  #field: string | null = null;
  #credentials: ProxyCredentials | null = null;

  constructor(host: HttpHost, client: Client, stream: Duplex) {
    this.#host = host;
    this.#client = client;
    this.#stream = stream;
    client.onExpired = () => this.#expired();
    client.onClosed = () => this.#origins?.close();
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
    } else this.#client.reset();
  }

  /** Takes a CONNECT request, or with `upgrade` a request for another protocol; the stream is ours from here on. */
  takeOver(request: IncomingMessage, early: Buffer, kind: 'connect' | 'upgrade'): void {
    if (this.#current !== null) {
      // Pipelined behind a request that still uses the stream.
      this.#client.reset();
      return;
    }
    if (early.length > 0) this.#stream.unshift(early);
    this.#letIn();
    try {
      const head = readRequestHead(request);
      if (head.body !== 'none') {
        throw new FlowError('malformed_request', `A request for ${kind} has no body`);
      }
      if (kind === 'connect') this.#connect(request, head);
      else this.#upgrade(request, head);
    } catch (error) {
      this.#refuseRaw(error);
    }
  }

  /** The parser gave up on what the client sent. */
  malformed(error: NodeJS.ErrnoException & { reason?: string }): void {
    if (!this.#stream.writable) {
      // Refused already, or gone: what it still sends is of no interest.
      if (this.#client.deadline === 0) this.#client.reset();
      return;
    }
    if (this.#current?.response.headersSent) {
      this.#client.reset();
      return;
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : undefined;
    this.#refuseRaw(new FlowError('malformed_request', error.reason), undefined, status);
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
    if (!this.#stream.writable) return;
    this.#letIn();
    const { request } = exchange;
    let head: RequestHead;
    let target: AbsoluteTarget;
    try {
      head = readRequestHead(request);
      target = readTarget(request, head);
    } catch (error) {
      this.#refuse(exchange, error);
      return;
    }
    const granted = (access: Access) => {
      if (!this.#stream.writable) return;
      this.#denials = 0;
      this.#forward = new Forward({
        client: this.#client,
        ...exchange,
        head,
        target,
        origins: this.#originsFor(access),
        headerBytes: this.#host.context.limits.headerBytes,
        refuse: (error) => this.#refuse(exchange, error, access),
      });
      this.#forward.start();
    };
    this.#authenticate(head, granted, (error) => this.#refuse(exchange, error));
  }

  #connect(request: IncomingMessage, head: RequestHead): void {
    const destination = readConnectTarget(request, head);
    const granted = (access: Access) => {
      if (this.#stream.destroyed) return;
      this.#origins?.close();
      const refused = (error: unknown) => this.#refuseRaw(error, access);
      const answer = { opened: ESTABLISHED, refused };
      connectClient(this.#host.context, this.#client, this.#stream, access, destination, answer);
    };
    this.#authenticate(head, granted, (error) => this.#denyRaw(error, head));
  }

  #upgrade(request: IncomingMessage, head: RequestHead): void {
    const target = readTarget(request, head);
    const granted = (access: Access) => {
      if (this.#stream.destroyed) return;
      const { ingress, clock, limits } = this.#host.context;
      this.#origins?.close();
      const origins = new OriginAgent({ ingress, access, clock, idleMs: limits.originIdleMs });
      this.#client.onClosed = () => origins.close();
      relayUpgrade({
        client: this.#client,
        stream: this.#stream,
        request,
        head,
        target,
        origins,
        headerBytes: limits.headerBytes,
        refuse: (error) => this.#refuseRaw(error, access),
      });
    };
    this.#authenticate(head, granted, (error) => this.#denyRaw(error, head));
  }

  #authenticate(
    head: RequestHead,
    granted: (access: Access) => void,
    denied: (error: unknown) => void,
  ): void {
    if (head.proxyAuthorization !== this.#field) {
      this.#field = head.proxyAuthorization;
      this.#credentials = parseBasicCredentials(this.#field);
    }
    authenticate(this.#host.context.ingress, this.#client.origin, this.#credentials, granted, denied);
  }

  #originsFor(access: Access): OriginAgent {
    if (this.#origins !== null && this.#origins.access.connectionId === access.connectionId)
      return this.#origins;
    this.#origins?.close();
    const { ingress, clock, limits } = this.#host.context;
    this.#origins = new OriginAgent({ ingress, access, clock, idleMs: limits.originIdleMs });
    return this.#origins;
  }

  /** Refuses a request; the connection stays open for the next one where that is safe. */
  #refuse(exchange: Exchange, error: unknown, access?: Access): void {
    const { request, response } = exchange;
    const { context, draining } = this.#host;
    if (!this.#stream.writable) return;
    if (response.headersSent) {
      this.#client.reset();
      return;
    }
    const failure = flowErrorOf(error, context.logger, this.#client.origin);
    if (failure.code === 'auth_required') this.#denials += 1;
    const worn = this.#denials >= context.limits.denialsPerClient;
    if (worn || draining || !request.complete || CLOSING.has(failure.code)) {
      request.resume();
      this.#refuseRaw(failure, access);
      return;
    }
    const { status, reason, fields, body } = refusalOf(failure, this.#subject(access));
    response.sendDate = false;
    response.writeHead(status, reason, fields);
    response.end(body);
  }

  /** Refuses a CONNECT or upgrade for its credentials; the client may try again on the same connection. */
  #denyRaw(error: unknown, head: RequestHead): void {
    if (this.#stream.destroyed) return;
    const { context, draining } = this.#host;
    const failure = flowErrorOf(error, context.logger, this.#client.origin);
    this.#denials += 1;
    const worn = this.#denials >= context.limits.denialsPerClient;
    if (failure.code !== 'auth_required' || worn || draining || head.close) {
      this.#refuseRaw(failure);
      return;
    }
    this.#stream.write(refusalBytes(failure, this.#subject(), { keepAlive: true }));
    this.#client.deadline = context.clients.now() + context.limits.handshakeMs;
    this.#host.attach(this.#stream);
  }

  /** Refuses whatever the client is at and closes. */
  #refuseRaw(error: unknown, access?: Access, status?: number): void {
    const { clients, limits, logger } = this.#host.context;
    if (this.#stream.destroyed) return;
    const failure = flowErrorOf(error, logger, this.#client.origin);
    this.#forward?.cancel();
    this.#origins?.close();
    const bytes = refusalBytes(failure, this.#subject(access), { status });
    this.#client.endWith(this.#stream, bytes, clients.now() + limits.lingerMs);
  }

  #subject(access?: Access) {
    return { port: this.#client.origin.port, name: access?.connectionName };
  }

  /** A head is complete: nothing is asked of the client until it is answered. */
  #letIn(): void {
    this.#client.deadline = 0;
    this.#client.idleAtBytes = -1;
  }

  #finished(request: IncomingMessage): void {
    this.#current = null;
    this.#forward = null;
    if (!this.#stream.writable) return;
    const { context, draining } = this.#host;
    if (draining) {
      this.#client.endWith(this.#stream, null, context.clients.now() + context.limits.lingerMs);
      return;
    }
    const next = this.#waiting.shift();
    if (next) this.#begin(next);
    else this.#wait(request.complete);
  }

  /** Waits for the next request, or for the end of a body that nobody reads any more. */
  #wait(requestComplete: boolean): void {
    const { clients, limits } = this.#host.context;
    const now = clients.now();
    if (!requestComplete) {
      this.#client.deadline = now + limits.lingerMs;
    } else if (this.#denials > 0) {
      this.#client.deadline = now + limits.handshakeMs;
    } else {
      this.#client.deadline = now + limits.keepAliveMs;
      this.#client.idleAtBytes = this.#client.socket.bytesRead;
    }
  }

  #expired(): void {
    if (this.#client.idleAtBytes >= 0 || !this.#stream.writable) {
      this.#client.socket.destroy();
      return;
    }
    this.#refuseRaw(new FlowError('request_timeout'));
  }
}

function serve(session: HttpSession, exchange: Exchange): void {
  session.serve(exchange);
}

/** @throws {FlowError} when target and Host do not name the same host; many clients leave the port out of Host here */
function readConnectTarget(request: IncomingMessage, head: RequestHead): Destination {
  const destination = parseConnectTarget(request.url!);
  if (head.host !== null && !hostMatches(head.host, destination, destination.port)) throw hostDiffers();
  return destination;
}

/** @throws {FlowError} when target and Host do not name the same origin, RFC 9112 section 3.2 */
function readTarget(request: IncomingMessage, head: RequestHead): AbsoluteTarget {
  const target = parseAbsoluteTarget(request.url!);
  if (head.host !== null && !hostMatches(head.host, target.destination)) throw hostDiffers();
  return target;
}

function hostDiffers(): FlowError {
  return new FlowError('malformed_request', 'Host is not the host of the address in the request');
}

function ignore(): void {}
