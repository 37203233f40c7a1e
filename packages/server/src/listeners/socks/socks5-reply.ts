import { writeSocksAddress } from '@pocketproxy/protocol';

/** A SOCKS5 reply (RFC 1928 section 6) with the bound address, which is all zeros where there is none. */
export function socks5Reply(code: number, host = '0.0.0.0', port = 0): Uint8Array {
  const reply = writeSocksAddress(host, port, 3);
  reply[0] = 5;
  reply[1] = code;
  return reply;
}
