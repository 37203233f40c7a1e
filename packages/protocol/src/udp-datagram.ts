import { readSocksAddress, writeSocksAddress } from './socks-address.ts';

/** One UDP datagram with its peer's address, as carried by SOCKS5 and by the tunnel. */
export interface UdpDatagram {
  /** Host name or IP literal (IPv6 without brackets). */
  readonly host: string;
  readonly port: number;
  readonly data: Uint8Array;
}

/** RSV (two bytes) and FRAG. */
const PREFIX_BYTES = 3;

/**
 * Encodes a SOCKS5 UDP datagram (RFC 1928 section 7), never fragmented.
 * @throws {RangeError} when the host fits neither a name nor an address
 */
export function encodeUdpDatagram(datagram: UdpDatagram): Uint8Array<ArrayBuffer> {
  const { host, port, data } = datagram;
  const bytes = writeSocksAddress(host, port, PREFIX_BYTES, data.length);
  bytes.set(data, bytes.length - data.length);
  return bytes;
}

/**
 * Decodes a SOCKS5 UDP datagram. `null` when it is malformed or a fragment: such datagrams are dropped. `data` is a
 * view of `bytes`, not a copy.
 */
export function decodeUdpDatagram(bytes: Uint8Array): UdpDatagram | null {
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 0) return null;
  const address = readSocksAddress(bytes, PREFIX_BYTES);
  if (typeof address === 'string') return null;
  return { host: address.host, port: address.port, data: bytes.subarray(address.end) };
}
