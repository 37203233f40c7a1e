/** One UDP datagram with its peer's address, as carried by SOCKS5 and by the tunnel. */
export interface UdpDatagram {
  /** Host name or IP literal (IPv6 without brackets). */
  readonly host: string;
  readonly port: number;
  readonly data: Uint8Array;
}
