import { canonicalHost, FlowError } from '@pocketproxy/protocol';
import type { ProxyCredentials } from '../../domain/ingress.ts';
import { decodeText } from '../client-text.ts';
import type { Parsed } from './socks5-messages.ts';

export const SOCKS4_VERSION = 4;
export const SOCKS4_CONNECT = 1;

/** Longest user id and host name: both end with a NUL, so that somebody has to say when it is enough. */
const TEXT_LIMIT = 512;
const HEAD_BYTES = 8;

export interface Socks4Request {
  readonly command: number;
  readonly host: string;
  readonly port: number;
  /** `user:password` in the user id field; `null` when it holds no password. */
  readonly credentials: ProxyCredentials | null;
}

/**
 * A SOCKS4 or SOCKS4a request at the start of `bytes`; `null` while it is incomplete. The user id field was made for an
 * ident name and cannot carry a password. As other proxies do, we read `user:password` there; a plain name counts as
 * no credentials, so that such clients need the allowlist.
 * @throws {FlowError} `malformed_request`
 */
export function parseSocks4Request(bytes: Uint8Array): Parsed<Socks4Request> | null {
  if (bytes.length > 0 && bytes[0] !== SOCKS4_VERSION) {
    throw new FlowError('malformed_request', 'The message is not of version 4');
  }
  if (bytes.length < HEAD_BYTES) return null;
  const userEnd = textEnd(bytes, HEAD_BYTES);
  if (userEnd === null) return null;
  let end = userEnd + 1;
  let host = `${bytes[4]}.${bytes[5]}.${bytes[6]}.${bytes[7]}`;
  // SOCKS4a: an impossible address 0.0.0.x says that a name follows.
  if (bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] !== 0) {
    const nameEnd = textEnd(bytes, end);
    if (nameEnd === null) return null;
    const name = canonicalHost(decodeText(bytes.subarray(end, nameEnd)));
    if (name === null) throw new FlowError('malformed_request', 'The SOCKS4a request names no valid host');
    host = name;
    end = nameEnd + 1;
  }
  const port = (bytes[2]! << 8) | bytes[3]!;
  const credentials = parseUserId(decodeText(bytes.subarray(HEAD_BYTES, userEnd)));
  return { value: { command: bytes[1]!, host, port, credentials }, end };
}

function textEnd(bytes: Uint8Array, start: number): number | null {
  const end = bytes.indexOf(0, start);
  if ((end === -1 ? bytes.length : end) - start > TEXT_LIMIT) {
    throw new FlowError('malformed_request', 'A text in the SOCKS4 request is too long');
  }
  return end === -1 ? null : end;
}

function parseUserId(text: string): ProxyCredentials | null {
  const colon = text.indexOf(':');
  return colon === -1 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
