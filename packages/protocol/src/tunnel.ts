/** Names and numbers that relay and agent must agree on; the prose is in docs/protocol.md. */

/** ALPN identifier of the tunnel. A change that an older peer cannot follow gets a new number. */
export const TUNNEL_ALPN = 'pocketproxy/1';

/** Name in the relay's certificate. Agents verify this name whatever address they dialled. */
export const RELAY_SERVER_NAME = 'relay.pocketproxy.internal';

/** Reserved name that every connection can ask for its exit address: `http://ip.pocketproxy.internal/`. */
export const EXIT_IP_HOST = 'ip.pocketproxy.internal';

/** Paths of requests that the relay sends to the agent inside the tunnel. */
export const TUNNEL_PATHS = {
  /** POST, both bodies stay open: length-prefixed SOCKS5 UDP datagrams. */
  udp: '/udp-association',
  /** POST, both bodies stay open: window grants of single flows. */
  flowControl: '/flow-control',
  /** GET: newline-delimited JSON, first a `hello`, then `telemetry` lines, which are also the heartbeat. */
  telemetry: '/telemetry',
  /** GET: the address that the relay's echo endpoint sees when the agent calls it through its egress. */
  exitIp: '/exit-ip',
  /** POST: a DNS query as it is in a datagram (RFC 8484 section 6); the answer is that of the phone's resolver. */
  dnsQuery: '/dns-query',
  /** POST `/commands/{id}`: an order as JSON; the answer is its outcome. The same id is carried out once. */
  commands: '/commands/',
} as const;

/** Paths of the HTTP/1.1 service on the tunnel port (ALPN `http/1.1`). */
export const RELAY_PATHS = { pair: '/pair', echo: '/echo' } as const;

/** Media type of DNS queries and answers (RFC 8484 section 6). */
export const DNS_MESSAGE_TYPE = 'application/dns-message';

/** Header fields inside the tunnel. */
export const TUNNEL_HEADERS = {
  /** `1` when the device may dial private, loopback and link-local destinations. */
  allowPrivate: 'pp-allow-private',
  /** Flow error code of a refusal. */
  error: 'pp-error',
  /** Text of a refusal for people, percent-encoded. */
  detail: 'pp-detail',
} as const;

/** Opaque data of the GOAWAY frame by which a relay tells the agent why a session ends. */
export const GOAWAY_REASONS = {
  /** The device was deleted or paired anew with another key: dialling again is pointless. */
  revoked: 'revoked',
  /** The relay restarts: dial again after a short random wait. */
  restarting: 'restarting',
  /** A newer session of this device took over. */
  replaced: 'replaced',
} as const;
export type GoawayReason = (typeof GOAWAY_REASONS)[keyof typeof GOAWAY_REASONS];

/** HTTP/2 windows, in bytes. One flow is held back by flow-control grants, never by these. */
export const H2_STREAM_WINDOW = 128 * 1024 * 1024;
export const H2_CONNECTION_WINDOW = 512 * 1024 * 1024;

/** What a flow may have under way before the first grant, in bytes. With the chunk being written, a stalled flow holds 256 KiB at most. */
export const FLOW_WINDOW_INITIAL = 192 * 1024;
/** How far a flow's window grows while its reader keeps up, in bytes. */
export const FLOW_WINDOW_MAX = 32 * 1024 * 1024;

/** Session watchdog: a PING is sent this often, and the session ends when its answer takes longer than the limit. */
export const PING_INTERVAL_MS = 10_000;
export const PING_TIMEOUT_MS = 10_000;

/** A telemetry line at least this often; a device without one for `OFFLINE_AFTER_MS` is offline. */
export const TELEMETRY_INTERVAL_MS = 15_000;
export const OFFLINE_AFTER_MS = 120_000;
