import {
  type ClientRequest,
  type IncomingMessage,
  type InformationEvent,
  type RequestOptions,
  type ServerResponse,
  request as sendRequest,
} from 'node:http';
import { FlowError } from '@pocketproxy/protocol';
import { endToEndFields, trailingFields } from './end-to-end-fields.ts';
import type { HttpClient } from './http-client.ts';
import type { OriginAgent } from './origin-agent.ts';
import { isParseError, originFailure } from './origin-failure.ts';
import type { RequestHead } from './request-head.ts';
import type { AbsoluteTarget } from './request-target.ts';

/** Methods that may be sent twice, RFC 9110 section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** A request that is allowed to go to its origin. */
export interface ForwardedRequest {
  readonly http: HttpClient;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly target: AbsoluteTarget;
  readonly origins: OriginAgent;
  /** Answers the client when no byte of an answer was sent yet. */
  refuse(error: unknown): void;
}

/** Sends one request to its origin and the answer back (RFC 9110 section 7.6), both bodies as they come. */
export class Forward {
  readonly #exchange: ForwardedRequest;
  #outgoing: ClientRequest | null = null;
  #retried = false;
  #cancelled = false;
  /** A chunk of the answer, or its head alone, was handed to the client's socket. */
  #answering = false;

  constructor(exchange: ForwardedRequest) {
    this.#exchange = exchange;
  }

  start(): void {
    this.#exchange.response.once('close', () => this.#clientDone());
    this.#send();
  }

  #send(): void {
    const { request, head } = this.#exchange;
    const outgoing = sendRequest(originRequest(this.#exchange));
    this.#outgoing = outgoing;
    outgoing.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    outgoing.on('response', (answer: IncomingMessage) => this.#answer(answer));
    outgoing.on('information', (information) => this.#inform(information));
    if (head.body === 'none') {
      outgoing.end();
      return;
    }
    request.pipe(outgoing, { end: false });
    request.once('end', () => {
      if (head.body === 'chunked') outgoing.addTrailers(trailingFields(request.rawTrailers));
      outgoing.end();
    });
  }

  /** Interim answers, RFC 9110 section 15.2: a client that did not ask for 100, or speaks HTTP/1.0, gets none. */
  #inform({ statusCode, rawHeaders }: InformationEvent): void {
    const { request, response } = this.#exchange;
    if (response.headersSent || response.destroyed || request.httpVersion === '1.0') return;
    if (statusCode !== 100) response.writeInformation(statusCode, endToEndFields(rawHeaders));
    else if (request.headers.expect !== undefined) response.writeContinue();
  }

  #answer(answer: IncomingMessage): void {
    const { http, response } = this.#exchange;
    if (this.#cancelled || response.destroyed) return;
    response.sendDate = false;
    try {
      response.writeHead(answer.statusCode!, answer.statusMessage, endToEndFields(answer.rawHeaders));
    } catch (error) {
      this.#giveUp(new FlowError('origin_protocol_error', undefined, { cause: error }));
      return;
    }
    // From here on a failure must not look like an end.
    answer.on('error', () => {
      if (!this.#cancelled) http.client.reset();
    });
    answer.on('data', (chunk: Buffer) => {
      this.#answering = true;
      if (!response.write(chunk)) answer.pause();
    });
    answer.on('end', () => {
      const trailers = answer.rawTrailers;
      if (trailers.length > 0) response.addTrailers(trailingFields(trailers));
      // From here on nobody but the client is waited for.
      http.setDeadline(http.context.limits.readingMs);
      http.client.answering = true;
      response.end();
    });
    response.on('drain', () => answer.resume());
    // The head goes out with the first bytes of the body if they came with it, and otherwise does not wait for them.
    process.nextTick(() => {
      if (!this.#answering && !response.writableEnded) response.flushHeaders();
    });
  }

  #failed(error: NodeJS.ErrnoException): void {
    const { http, response, origins } = this.#exchange;
    if (this.#cancelled || response.destroyed || response.writableEnded) return;
    if (response.headersSent) {
      http.client.reset();
      return;
    }
    if (this.#mayRetry(error)) {
      this.#retried = true;
      origins.dropIdle();
      this.#send();
      return;
    }
    this.#giveUp(originFailure(error));
  }

  /** A kept connection may turn out dead only when it is used: that is no failure of the request. */
  #mayRetry(error: NodeJS.ErrnoException): boolean {
    const { request, head } = this.#exchange;
    if (this.#retried || !this.#outgoing?.reusedSocket || error instanceof FlowError) return false;
    return head.body === 'none' && IDEMPOTENT.has(request.method!) && !isParseError(error);
  }

  #giveUp(error: FlowError): void {
    this.cancel();
    this.#exchange.refuse(error);
  }

  #clientDone(): void {
    const { request, response } = this.#exchange;
    // Otherwise the client is gone, or has its answer while it still sends a body that nobody wants.
    if (!response.writableFinished || !request.complete) this.cancel();
  }

  /** Takes the request back from the origin, and discards what the client still sends of it. */
  cancel(): void {
    const { request } = this.#exchange;
    const outgoing = this.#outgoing!;
    this.#cancelled = true;
    request.unpipe(outgoing);
    // With an error, so that the flow is reset and not half-closed.
    outgoing.destroy(new Error('given up by the proxy'));
    request.resume();
  }
}

/** The request in origin-form. Host is made from the target, RFC 9112 section 3.2.2. */
function originRequest(exchange: ForwardedRequest): RequestOptions {
  const { http, request, head, target, origins } = exchange;
  const headers = ['Host', target.authority, ...head.fields];
  if (head.body === 'chunked') headers.push('Transfer-Encoding', 'chunked');
  const bare = request.method === 'OPTIONS' && target.path === '/' && !request.url!.endsWith('/');
  return {
    agent: origins,
    host: target.destination.host,
    port: target.destination.port,
    method: request.method!,
    // RFC 9112 section 3.2.4: OPTIONS for an address without a path asks about the server.
    path: bare ? '*' : target.path,
    headers,
    maxHeaderSize: http.context.limits.headerBytes,
    insecureHTTPParser: false,
  };
}
