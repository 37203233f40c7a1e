import { canonicalHost, FlowError } from '@pocketproxy/protocol';
import type { Destination } from '../../domain/ingress.ts';

const HTTP_PORT = 80;
/** `host`, `host:port`, `[v6]` or `[v6]:port`; userinfo, an empty port and everything else do not match. */
const AUTHORITY = /^([^\s:/?#@[\]]+|\[[^\s/?#@[\]]+\])(?::(\d{1,5}))?$/;
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^#]*)$/;

/** An absolute-form request target, taken apart. */
export interface AbsoluteTarget {
  readonly destination: Destination;
  /** For the Host field: the authority as the client wrote it. */
  readonly authority: string;
  /** The target in origin-form. */
  readonly path: string;
}

/**
 * Takes the target of CONNECT apart, RFC 9112 section 3.2.3.
 * @throws {FlowError} `malformed_request`
 */
export function parseConnectTarget(target: string): Destination {
  const destination = parseAuthority(target, null);
  if (!destination) {
    throw new FlowError('malformed_request', 'CONNECT needs a host and a port from 1 to 65535');
  }
  return destination;
}

/**
 * Takes an absolute-form target apart, RFC 9112 section 3.2.2.
 * @throws {FlowError} `malformed_request`, also for another scheme than http
 */
export function parseAbsoluteTarget(target: string): AbsoluteTarget {
  const parts = ABSOLUTE.exec(target);
  if (!parts) {
    throw new FlowError(
      'malformed_request',
      'This port is a proxy: requests need an absolute http:// address',
    );
  }
  const scheme = parts[1]!.toLowerCase();
  if (scheme !== 'http') {
    throw new FlowError('malformed_request', `Requests for ${scheme}:// addresses need CONNECT here`);
  }
  const authority = parts[2]!;
  const destination = parseAuthority(authority, HTTP_PORT);
  if (!destination) {
    throw new FlowError('malformed_request', 'The address in the request has no valid host and port');
  }
  const rest = parts[3]!;
  return { destination, authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}

/**
 * Whether a Host field names the destination of the request target, RFC 9112 section 3.2.
 * @param defaultPort The port that Host means when it names none.
 */
export function hostMatches(
  host: string,
  destination: Destination,
  defaultPort: number = HTTP_PORT,
): boolean {
  const named = parseAuthority(host, defaultPort);
  return named !== null && named.host === destination.host && named.port === destination.port;
}

/**
 * The target of CONNECT and the Host field that came with it. Many clients leave the port out of this Host.
 * @throws {FlowError} `malformed_request` when one is invalid or they name different hosts, RFC 9112 section 3.2
 */
export function readConnectTarget(target: string, host: string | null): Destination {
  const destination = parseConnectTarget(target);
  if (host !== null && !hostMatches(host, destination, destination.port)) throw hostDiffers();
  return destination;
}

/**
 * An absolute-form target and the Host field that came with it.
 * @throws {FlowError} `malformed_request` when one is invalid or they name different origins, RFC 9112 section 3.2
 */
export function readAbsoluteTarget(target: string, host: string | null): AbsoluteTarget {
  const parsed = parseAbsoluteTarget(target);
  if (host !== null && !hostMatches(host, parsed.destination)) throw hostDiffers();
  return parsed;
}

function hostDiffers(): FlowError {
  return new FlowError('malformed_request', 'Host is not the host of the address in the request');
}

/** @param defaultPort The port when none is named; `null` when one must be named. */
function parseAuthority(text: string, defaultPort: number | null): Destination | null {
  const parts = AUTHORITY.exec(text);
  if (!parts) return null;
  const host = canonicalHost(parts[1]!);
  const port = parts[2] === undefined ? defaultPort : Number(parts[2]);
  if (host === null || port === null || port === 0 || port > 65_535) return null;
  return { host, port };
}
