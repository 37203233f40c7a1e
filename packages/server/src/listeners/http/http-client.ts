import type { Duplex } from 'node:stream';
import type { FlowError } from '@pocketproxy/protocol';
import type { Access, ProxyCredentials } from '../../domain/ingress.ts';
import { authenticate } from '../authenticate.ts';
import type { Client } from '../client.ts';
import { flowErrorOf } from '../flow-failure.ts';
import type { ListenerContext } from '../listener-context.ts';
import { parseBasicCredentials } from './basic-credentials.ts';
import { OriginAgent } from './origin-agent.ts';
import { type RefusedConnection, refusalBytes } from './refusal.ts';
import type { RequestHead } from './request-head.ts';

/** What a client is by HTTP, whatever it asks for: its stream, its credentials, and how it is told no. */
export class HttpClient {
  readonly context: ListenerContext;
  readonly client: Client;
  /** The TCP socket, or the TLS stream on it. */
  readonly stream: Duplex;
  /** Requests without right credentials since the last one that had them. */
  denials = 0;
  #field: string | null = null;
  #credentials: ProxyCredentials | null = null;

  constructor(context: ListenerContext, client: Client, stream: Duplex) {
    this.context = context;
    this.client = client;
    this.stream = stream;
  }

  /** A head is complete: nothing is asked of the client until it is answered. */
  headComplete(): void {
    this.client.deadline = 0;
    this.client.idleAtBytes = -1;
    this.client.answering = false;
  }

  /** Gives the client `ms` for what it has to do next. */
  setDeadline(ms: number): void {
    this.client.idleAtBytes = -1;
    this.client.answering = false;
    this.client.deadline = this.context.clients.now() + ms;
  }

  /** Calls one of both, neither of which may throw. A field that comes again is not decoded again. */
  authenticate(head: RequestHead, granted: (access: Access) => void, denied: (error: unknown) => void): void {
    if (head.proxyAuthorization !== this.#field) {
      this.#field = head.proxyAuthorization;
      this.#credentials = parseBasicCredentials(this.#field);
    }
    authenticate(this.context.ingress, this.client.origin, this.#credentials, granted, denied);
  }

  /** Notes a refusal. `close` tells that the client was denied often enough. */
  refused(error: unknown): { failure: FlowError; close: boolean } {
    const failure = flowErrorOf(error, this.context.logger, this.client.origin);
    if (failure.code === 'auth_required') this.denials += 1;
    return { failure, close: this.denials >= this.context.limits.denialsPerClient };
  }

  /** Sends a refusal by the stream itself and closes. */
  closeWith(failure: FlowError, access?: Access, status?: number): void {
    const bytes = refusalBytes(failure, this.subject(access), { status });
    const { clients, limits } = this.context;
    this.client.endWith(this.stream, bytes, clients.now() + limits.lingerMs);
  }

  /** What a refusal is about. */
  subject(access?: Access): RefusedConnection {
    return { port: this.client.origin.port, name: access?.connectionName };
  }

  /** Connections to origins for this client. */
  openOrigins(access: Access): OriginAgent {
    const { ingress, clock, limits } = this.context;
    return new OriginAgent({ ingress, access, clock, idleMs: limits.originIdleMs });
  }
}
