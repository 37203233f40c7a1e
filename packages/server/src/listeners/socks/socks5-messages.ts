import { FlowError, readSocksAddress } from '@pocketproxy/protocol';
import type { ProxyCredentials } from '../../domain/ingress.ts';
import { decodeText } from '../client-text.ts';

export const SOCKS5_VERSION = 5;

/** Authentication methods, RFC 1928 section 3. */
export const SOCKS5_METHODS = { none: 0x00, password: 0x02, unacceptable: 0xff } as const;

/** Commands, RFC 1928 section 4. */
export const SOCKS5_COMMANDS = { connect: 1, bind: 2, udpAssociate: 3 } as const;

/** Version of the sub-negotiation of RFC 1929. */
const LOGIN_VERSION = 1;

/** Reply code for an address type that does not exist; it has no entry of its own among the flow errors. */
export const SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED = 0x08;

/** A message and the offset of the first byte after it. */
export interface Parsed<T> {
  readonly value: T;
  readonly end: number;
}

export interface Socks5Request {
  readonly command: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Each parser looks at the start of `bytes`, and no further than its own message: `null` means that the message is not
 * complete yet. All of them throw nothing but `FlowError` `malformed_request`.
 */
export function parseGreeting(bytes: Uint8Array): Parsed<Uint8Array> | null {
  requireVersion(bytes, SOCKS5_VERSION);
  const count = bytes[1];
  if (count === 0) throw new FlowError('malformed_request', 'The SOCKS5 greeting offers no method');
  if (count === undefined || bytes.length < 2 + count) return null;
  return { value: bytes.subarray(2, 2 + count), end: 2 + count };
}

/** User name and password, RFC 1929. */
export function parseLogin(bytes: Uint8Array): Parsed<ProxyCredentials> | null {
  requireVersion(bytes, LOGIN_VERSION);
  const nameLength = bytes[1];
  if (nameLength === undefined) return null;
  const passwordAt = 2 + nameLength + 1;
  const passwordLength = bytes[passwordAt - 1];
  if (passwordLength === undefined) return null;
  const end = passwordAt + passwordLength;
  if (bytes.length < end) return null;
  const username = decodeText(bytes.subarray(2, 2 + nameLength));
  return { value: { username, password: decodeText(bytes.subarray(passwordAt, end)) }, end };
}

/** The request, RFC 1928 section 4. An unknown address type is `address_type`, which has a reply of its own. */
export function parseRequest(bytes: Uint8Array): Parsed<Socks5Request> | 'address_type' | null {
  requireVersion(bytes, SOCKS5_VERSION);
  if (bytes.length >= 3 && bytes[2] !== 0) {
    throw new FlowError('malformed_request', 'The reserved byte of the SOCKS5 request is not zero');
  }
  const type = bytes[3];
  if (type === undefined) return null;
  if (type !== 1 && type !== 3 && type !== 4) return 'address_type';
  const address = readSocksAddress(bytes, 3);
  if (address === 'incomplete') return null;
  if (address === 'malformed') {
    throw new FlowError('malformed_request', 'The SOCKS5 request names no valid host');
  }
  return { value: { command: bytes[1]!, host: address.host, port: address.port }, end: address.end };
}

function requireVersion(bytes: Uint8Array, version: number): void {
  if (bytes.length > 0 && bytes[0] !== version) {
    throw new FlowError('malformed_request', `The message is not of version ${version}`);
  }
}
