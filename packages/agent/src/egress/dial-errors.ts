import { FlowError, type FlowErrorCode } from '@pocketproxy/protocol';

const CODES: Readonly<Record<string, FlowErrorCode>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'connection_reset',
  ETIMEDOUT: 'connect_timeout',
  EHOSTUNREACH: 'host_unreachable',
  EHOSTDOWN: 'host_unreachable',
  ENETUNREACH: 'network_unreachable',
  ENETDOWN: 'network_unreachable',
  EAFNOSUPPORT: 'network_unreachable',
  // A firewall or a `prohibit` route of this host.
  EACCES: 'network_unreachable',
  EPERM: 'network_unreachable',
  // The local address is gone, or (not bound) all local ports are in use.
  EADDRNOTAVAIL: 'egress_unavailable',
  EINVAL: 'egress_unavailable',
  EMFILE: 'overloaded',
  ENFILE: 'overloaded',
  ENOBUFS: 'overloaded',
  ENOMEM: 'overloaded',
};

/** How telling a code is when several addresses failed: an answer says more than silence or a missing route. */
const WEIGHT: Partial<Record<FlowErrorCode, number>> = {
  overloaded: 6,
  connection_refused: 5,
  connection_reset: 4,
  connect_timeout: 3,
  host_unreachable: 2,
  network_unreachable: 1,
};

/** The system's reason for a failed connection, as a flow error. */
export function dialError(cause: NodeJS.ErrnoException): FlowError {
  if (cause instanceof FlowError) return cause;
  const code = (cause.code !== undefined && CODES[cause.code]) || 'network_unreachable';
  return new FlowError(code, undefined, { cause });
}

/** Of two failures of one destination, the one to report. */
export function moreTelling(first: FlowError | null, second: FlowError): FlowError {
  return first && (WEIGHT[first.code] ?? 0) >= (WEIGHT[second.code] ?? 0) ? first : second;
}
