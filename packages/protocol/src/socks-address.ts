import ipaddr from 'ipaddr.js';
import { parseHostLiteral } from './addresses.ts';

/** Address types of SOCKS5, RFC 1928 section 5. */
const ATYP_IPV4 = 1;
const ATYP_NAME = 3;
const ATYP_IPV6 = 4;

const DOTTED_DECIMAL =
  /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
/** Letters, digits, hyphen, underscore, dots: nothing that could be read as something else further on. */
const HOST_NAME = /^[A-Za-z0-9._-]{1,255}$/;

/** An address as it was read from bytes. */
export interface SocksAddress {
  /** Host name in lower case, or IP literal (IPv6 without brackets). */
  readonly host: string;
  readonly port: number;
  /** Offset of the first byte after the address. */
  readonly end: number;
}

/**
 * Checks a host that came from outside as text and gives its canonical form: names in lower case, IPv6 without
 * brackets and shortest (RFC 5952), IPv4-mapped IPv6 as IPv4. `null` when it is neither a name nor an address. What a name may mean (also
 * numeric spellings such as `0x7f.1`) is decided by the egress, which resolves it.
 */
export function canonicalHost(text: string): string | null {
  if (HOST_NAME.test(text)) return text.toLowerCase();
  if (!text.includes(':')) return null;
  const literal = parseHostLiteral(text);
  return literal.kind === 'address' ? literal.address : null;
}

/**
 * Reads ATYP, address and port (RFC 1928 sections 4 and 7) at `offset`. `incomplete` means that more bytes are needed;
 * no byte past the address is looked at.
 */
export function readSocksAddress(
  bytes: Uint8Array,
  offset: number,
): SocksAddress | 'incomplete' | 'malformed' {
  const type = bytes[offset];
  if (type === undefined) return 'incomplete';
  if (type === ATYP_NAME) return readName(bytes, offset + 1);
  if (type !== ATYP_IPV4 && type !== ATYP_IPV6) return 'malformed';
  const start = offset + 1;
  const end = start + (type === ATYP_IPV4 ? 4 : 16);
  if (bytes.length < end + 2) return 'incomplete';
  const host = type === ATYP_IPV4 ? textV4(bytes, start) : textV6(bytes, start);
  return { host, port: readPort(bytes, end), end: end + 2 };
}

function textV4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function textV6(bytes: Uint8Array, at: number): string {
  const address = new ipaddr.IPv6([...bytes.subarray(at, at + 16)]);
  return address.isIPv4MappedAddress() ? textV4(bytes, at + 12) : address.toString();
}

function readName(bytes: Uint8Array, lengthAt: number): SocksAddress | 'incomplete' | 'malformed' {
  const length = bytes[lengthAt];
  if (length === undefined) return 'incomplete';
  if (length === 0) return 'malformed';
  const end = lengthAt + 1 + length;
  if (bytes.length < end + 2) return 'incomplete';
  let name = '';
  for (let at = lengthAt + 1; at < end; at += 1) name += String.fromCharCode(bytes[at]!);
  // Some clients send literals as names, IPv6 even in brackets.
  const host = canonicalHost(name);
  return host === null ? 'malformed' : { host, port: readPort(bytes, end), end: end + 2 };
}

function readPort(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/**
 * Writes ATYP, address and port into a new array, with `before` bytes of zeros in front and `after` behind.
 * @throws {RangeError} when the host fits neither a name nor an address
 */
export function writeSocksAddress(
  host: string,
  port: number,
  before = 0,
  after = 0,
): Uint8Array<ArrayBuffer> {
  const address = addressBytes(host);
  const bytes = new Uint8Array(before + address.length + 2 + after);
  bytes.set(address, before);
  const portAt = before + address.length;
  bytes[portAt] = port >> 8;
  bytes[portAt + 1] = port;
  return bytes;
}

function addressBytes(host: string): number[] {
  const v4 = DOTTED_DECIMAL.exec(host);
  if (v4) return [ATYP_IPV4, Number(v4[1]), Number(v4[2]), Number(v4[3]), Number(v4[4])];
  if (HOST_NAME.test(host)) {
    const bytes = [ATYP_NAME, host.length];
    for (let at = 0; at < host.length; at += 1) bytes.push(host.charCodeAt(at));
    return bytes;
  }
  // The zone of a link-local address means nothing to anybody but this host.
  const zone = host.indexOf('%');
  const address = canonicalHost(zone === -1 ? host : host.slice(0, zone));
  if (address === null) throw new RangeError('not a host that SOCKS can carry');
  return address.includes(':')
    ? [ATYP_IPV6, ...ipaddr.IPv6.parse(address).toByteArray()]
    : addressBytes(address);
}
