/**
 * Why a flow could not be opened, or ended early: one catalogue for every edge. The HTTP listener, the SOCKS
 * listener and the tunnel each map a code once, from this table, and never look at a message.
 */
export const FLOW_ERRORS = {
  auth_required: {
    http: 407,
    socks5: 0x02,
    proxyStatus: 'http_request_denied',
    title: 'Wrong or missing credentials',
  },
  connection_disabled: {
    http: 403,
    socks5: 0x02,
    proxyStatus: 'http_request_denied',
    title: 'Connection is disabled',
  },
  connection_expired: {
    http: 403,
    socks5: 0x02,
    proxyStatus: 'http_request_denied',
    title: 'Connection has expired',
  },
  quota_exceeded: {
    http: 403,
    socks5: 0x02,
    proxyStatus: 'http_request_denied',
    title: 'Connection has used up its quota',
  },
  too_many_flows: {
    http: 403,
    socks5: 0x02,
    proxyStatus: 'connection_limit_reached',
    title: 'Connection has too many open flows',
  },
  destination_refused: {
    http: 403,
    socks5: 0x02,
    proxyStatus: 'destination_ip_prohibited',
    title: 'Destination is not allowed',
  },
  device_offline: {
    http: 503,
    socks5: 0x01,
    proxyStatus: 'destination_unavailable',
    title: 'Phone is offline',
  },
  tunnel_lost: {
    http: 503,
    socks5: 0x01,
    proxyStatus: 'connection_terminated',
    title: 'Phone lost its tunnel',
  },
  egress_unavailable: {
    http: 503,
    socks5: 0x01,
    proxyStatus: 'destination_unavailable',
    title: 'Phone has no mobile network',
  },
  rotation_timeout: {
    http: 503,
    socks5: 0x01,
    proxyStatus: 'destination_unavailable',
    title: 'Rotation did not finish in time',
  },
  overloaded: {
    http: 503,
    socks5: 0x01,
    proxyStatus: 'connection_limit_reached',
    title: 'Relay is at its limit',
  },
  name_not_found: { http: 502, socks5: 0x04, proxyStatus: 'dns_error', title: 'Name was not found' },
  dns_timeout: {
    http: 504,
    socks5: 0x06,
    proxyStatus: 'dns_timeout',
    title: 'Name was not resolved in time',
  },
  connection_refused: {
    http: 502,
    socks5: 0x05,
    proxyStatus: 'connection_refused',
    title: 'Destination refused the connection',
  },
  network_unreachable: {
    http: 502,
    socks5: 0x03,
    proxyStatus: 'destination_ip_unroutable',
    title: 'Network is unreachable',
  },
  host_unreachable: {
    http: 502,
    socks5: 0x04,
    proxyStatus: 'destination_ip_unroutable',
    title: 'Host is unreachable',
  },
  connect_timeout: {
    http: 504,
    socks5: 0x06,
    proxyStatus: 'connection_timeout',
    title: 'Destination did not answer in time',
  },
  connection_reset: {
    http: 502,
    socks5: 0x01,
    proxyStatus: 'connection_terminated',
    title: 'Destination closed the connection',
  },
  origin_protocol_error: {
    http: 502,
    socks5: 0x01,
    proxyStatus: 'http_protocol_error',
    title: 'Destination answered with invalid HTTP',
  },
  malformed_request: {
    http: 400,
    socks5: 0x01,
    proxyStatus: 'http_request_error',
    title: 'Request is malformed',
  },
  request_timeout: {
    http: 408,
    socks5: 0x01,
    proxyStatus: 'http_request_error',
    title: 'Request was not complete in time',
  },
  unsupported: { http: 501, socks5: 0x07, proxyStatus: 'http_request_error', title: 'Not supported' },
  internal_error: { http: 500, socks5: 0x01, proxyStatus: 'proxy_internal_error', title: 'Internal error' },
} as const satisfies Record<string, FlowErrorMapping>;

/** How one code is told to a client of each protocol. */
export interface FlowErrorMapping {
  /** HTTP status code of a refusal. */
  readonly http: number;
  /** SOCKS5 reply code, RFC 1928 section 6. */
  readonly socks5: number;
  /** `error` parameter of the Proxy-Status field, RFC 9209 section 2.3. */
  readonly proxyStatus: string;
  /** One line for people; the start of every refusal's body. */
  readonly title: string;
}

export type FlowErrorCode = keyof typeof FLOW_ERRORS;

/** Tells whether `value`, which came from outside, names an entry of the catalogue. */
export function isFlowErrorCode(value: unknown): value is FlowErrorCode {
  return typeof value === 'string' && Object.hasOwn(FLOW_ERRORS, value);
}

/** A flow that failed for a known reason. `detail` is shown to the customer and must hold no secret. */
export class FlowError extends Error {
  readonly code: FlowErrorCode;
  readonly detail: string;

  constructor(code: FlowErrorCode, detail: string = FLOW_ERRORS[code].title, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.name = 'FlowError';
    this.code = code;
    this.detail = detail;
  }
}
