/** Protocols that share a port, told apart by the first byte that the client sends. */
export type WireProtocol = 'socks4' | 'socks5' | 'tls' | 'http';

const SOCKS4 = 0x04;
const SOCKS5 = 0x05;
/** Content type `handshake` of a TLS record, RFC 8446 section 5.1. */
const TLS_HANDSHAKE = 0x16;

/** What the client speaks. Everything unknown is left to the HTTP parser, which answers 400. */
export function protocolOf(firstByte: number): WireProtocol {
  switch (firstByte) {
    case SOCKS4:
      return 'socks4';
    case SOCKS5:
      return 'socks5';
    case TLS_HANDSHAKE:
      return 'tls';
    default:
      return 'http';
  }
}
