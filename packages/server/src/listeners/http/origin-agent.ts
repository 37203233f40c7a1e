import http, { type AgentOptions, type ClientRequest, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '@pocketproxy/runtime';
import type { Access, Ingress } from '../../domain/ingress.ts';

/** Idle connections to origins that one client may keep; each is an open flow of its connection. */
const IDLE_LIMIT = 4;

const AGENT_OPTIONS: AgentOptions = { keepAlive: true, maxFreeSockets: 1 };

export interface OriginAgentOptions {
  readonly ingress: Ingress;
  readonly access: Access;
  readonly clock: Clock;
  /** How long a connection is kept without a request, in milliseconds. */
  readonly idleMs: number;
}

/**
 * Connections to origins on behalf of one client, each a flow through the phone. They belong to this client alone, as
 * they are opened and counted with its access. Its requests come one after the other, so there is at most one
 * connection in use.
 */
export class OriginAgent extends http.Agent {
  readonly #options: OriginAgentOptions;
  /** Idle streams, the oldest first, with the time until which each may be used again. */
  readonly #idle = new Map<Duplex, number>();
  readonly #streams = new Set<Duplex>();
  readonly #dials = new Set<AbortController>();
  #timer: Timer | null = null;
  #closed = false;
  /** How the client was let in for the request that comes next. */
  access: Access;

  constructor(options: OriginAgentOptions) {
    super(AGENT_OPTIONS);
    this.#options = options;
    this.access = options.access;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const dial = new AbortController();
    this.#dials.add(dial);
    const destination = { host: options.host!, port: Number(options.port) };
    this.#options.ingress.openFlow(this.access, destination, dial.signal).then(
      (flow) => {
        this.#dials.delete(dial);
        if (this.#closed) {
          flow.abandon();
          return;
        }
        // The agent was made for sockets, and keeps idle ones from holding the process up.
        const stream: Duplex = Object.assign(flow.asStream(), { ref: ignore, unref: ignore });
        // Between two requests nobody else listens, and an error would end the process.
        stream.on('error', ignore);
        stream.once('close', () => this.#forget(stream));
        this.#streams.add(stream);
        callback?.(null, stream);
      },
      (error: Error) => {
        this.#dials.delete(dial);
        callback?.(error, undefined as never);
      },
    );
  }

  /** Called when a response is complete: whether the connection may serve another request. */
  override keepSocketAlive(stream: Duplex): boolean {
    if (this.#closed || !stream.writable || stream.readableEnded || stream.destroyed) return false;
    this.#idle.set(stream, this.#options.clock.monotonic() + this.#options.idleMs);
    // An origin that closes, or speaks unasked, is done with: what it says must not answer the next request.
    stream.on('end', dropIdle);
    stream.on('data', dropIdle);
    stream.resume();
    if (this.#idle.size > IDLE_LIMIT) reset(this.#idle.keys().next().value!);
    this.#timer ??= this.#options.clock.setTimeout(() => this.#expire(), this.#options.idleMs);
    return true;
  }

  override reuseSocket(stream: Duplex, request: ClientRequest): void {
    stream.off('end', dropIdle);
    stream.off('data', dropIdle);
    this.#idle.delete(stream);
    super.reuseSocket(stream, request);
  }

  /** Closes the idle connections, so that the next request gets a new one. */
  dropIdle(): void {
    for (const stream of [...this.#idle.keys()]) reset(stream);
  }

  /** Ends everything, dials under way included. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const dial of this.#dials) dial.abort();
    for (const stream of [...this.#streams]) reset(stream);
  }

  #forget(stream: Duplex): void {
    this.#idle.delete(stream);
    this.#streams.delete(stream);
  }

  #expire(): void {
    this.#timer = null;
    const now = this.#options.clock.monotonic();
    for (const [stream, until] of this.#idle) {
      if (now < until) {
        this.#timer = this.#options.clock.setTimeout(() => this.#expire(), until - now);
        return;
      }
      reset(stream);
    }
  }
}

function dropIdle(this: Duplex): void {
  reset(this);
}

/** An error, not an end: the flow behind the stream shall be gone at once, and not half-closed. */
function reset(stream: Duplex): void {
  stream.destroy(new Error('given up by the proxy'));
}

function ignore(): void {}
