import type { Duplex } from 'node:stream';
import { decodeUdpDatagram, encodeUdpDatagram, type UdpDatagram } from '@pocketproxy/protocol';

/** Bytes that may wait in the tunnel before datagrams are dropped, as a full network queue would. */
const QUEUE_LIMIT_BYTES = 256 * 1024;
const PREFIX_BYTES = 2;

/**
 * Datagrams on one tunnel stream: each a two-byte big-endian length, then a SOCKS5 UDP datagram (RFC 1928 section 7).
 * Malformed datagrams are dropped; the framing itself cannot be malformed.
 */
export class DatagramStream {
  readonly #stream: Duplex;
  readonly #onDatagram: (datagram: UdpDatagram) => void;
  #partial: Buffer = Buffer.alloc(0);

  /** Reads from `stream` at once, until it closes. */
  constructor(stream: Duplex, onDatagram: (datagram: UdpDatagram) => void) {
    this.#stream = stream;
    this.#onDatagram = onDatagram;
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** Sends one datagram. Answers false, and sends nothing, when it is too large or the tunnel is full. */
  send(datagram: UdpDatagram): boolean {
    if (!this.#stream.writable || this.#stream.writableLength > QUEUE_LIMIT_BYTES) return false;
    const body = encodeUdpDatagram(datagram);
    if (body.length > 0xffff) return false;
    const message = Buffer.allocUnsafe(PREFIX_BYTES + body.length);
    message.writeUInt16BE(body.length, 0);
    message.set(body, PREFIX_BYTES);
    this.#stream.write(message);
    return true;
  }

  #read(chunk: Buffer): void {
    const bytes = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    let at = 0;
    while (at + PREFIX_BYTES <= bytes.length) {
      const end = at + PREFIX_BYTES + bytes.readUInt16BE(at);
      if (end > bytes.length) break;
      const datagram = decodeUdpDatagram(bytes.subarray(at + PREFIX_BYTES, end));
      if (datagram) this.#onDatagram(datagram);
      at = end;
    }
    this.#partial = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }
}
