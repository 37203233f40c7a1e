/** What a client may take. Durations in milliseconds, sizes in bytes. */
export interface ListenerLimits {
  /** From accept to a complete request: TLS and SOCKS handshakes and the request head together. */
  readonly handshakeMs: number;
  /** How long an HTTP client may keep its connection open between two requests. */
  readonly keepAliveMs: number;
  /** How long an HTTP client may take to read the rest of an answer that its origin has finished. */
  readonly readingMs: number;
  /** How long a refused client may take to read the refusal and close. */
  readonly lingerMs: number;
  /** How much a client may send in all once its HTTP was found malformed: what comes then is thrown away. */
  readonly malformedBytes: number;
  /** How long a connection to an origin is kept for the client's next request. */
  readonly originIdleMs: number;
  /** Request line and fields of one HTTP request or response. */
  readonly headerBytes: number;
  /** Pipelined HTTP requests that may wait on one connection. */
  readonly pendingRequests: number;
  /** Wrong or missing credentials on one HTTP connection, after which it is closed. */
  readonly denialsPerClient: number;
  /** Descriptors of clients of all ports together, UDP sockets included. Clients beyond are refused. */
  readonly clients: number;
  /** Clients beyond that are told so, in their own protocol; still more are closed at once. */
  readonly refusals: number;
  /** How long a client may take to say who it is when all that it will get is a refusal. */
  readonly refusalMs: number;
}

export const DEFAULT_LIMITS: ListenerLimits = {
  handshakeMs: 10_000,
  keepAliveMs: 60_000,
  readingMs: 5 * 60_000,
  lingerMs: 2_000,
  malformedBytes: 1024 * 1024,
  originIdleMs: 15_000,
  headerBytes: 32 * 1024,
  pendingRequests: 32,
  denialsPerClient: 3,
  clients: 20_000,
  refusals: 256,
  refusalMs: 2_000,
};
