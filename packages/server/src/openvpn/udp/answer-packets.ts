import type { Ipv4 } from '../sockets/socket-address.ts';

/** A datagram from a destination to a VPN client. */
export interface Answer {
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly client: Ipv4;
  readonly clientPort: number;
  readonly data: Uint8Array;
}

const IP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const VERSION_AND_LENGTH = 0x45;
const TTL = 64;
const PROTOCOL_UDP = 17;
const MORE_FRAGMENTS = 0x2000;
const MAX_PACKET_BYTES = 65_535;

/**
 * The IPv4 packets (RFC 791) of one UDP datagram (RFC 768): one, or fragments of at most `mtu` bytes, which a raw
 * socket does not make by itself. The kernel fills in the header's checksum. None for more than a datagram can hold.
 * @param id tells the fragments of one datagram from those of others
 */
export function answerPackets(answer: Answer, id: number, mtu: number): Uint8Array[] {
  const datagram = udpDatagram(answer);
  if (datagram.length + IP_HEADER_BYTES > MAX_PACKET_BYTES) return [];
  if (datagram.length + IP_HEADER_BYTES <= mtu) return [packet(answer, id, datagram, 0, false)];
  const pieceBytes = (mtu - IP_HEADER_BYTES) & ~7;
  const packets: Uint8Array[] = [];
  for (let at = 0; at < datagram.length; at += pieceBytes) {
    const piece = datagram.subarray(at, at + pieceBytes);
    packets.push(packet(answer, id, piece, at, at + pieceBytes < datagram.length));
  }
  return packets;
}

function packet(
  { source, client }: Answer,
  id: number,
  payload: Uint8Array,
  offset: number,
  more: boolean,
): Uint8Array {
  const bytes = new Uint8Array(IP_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION_AND_LENGTH);
  view.setUint16(2, bytes.length);
  view.setUint16(4, id);
  view.setUint16(6, offset / 8 + (more ? MORE_FRAGMENTS : 0));
  view.setUint8(8, TTL);
  view.setUint8(9, PROTOCOL_UDP);
  view.setUint32(12, source);
  view.setUint32(16, client);
  bytes.set(payload, IP_HEADER_BYTES);
  return bytes;
}

function udpDatagram({ source, sourcePort, client, clientPort, data }: Answer): Uint8Array {
  const bytes = new Uint8Array(UDP_HEADER_BYTES + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, clientPort);
  view.setUint16(4, bytes.length);
  bytes.set(data, UDP_HEADER_BYTES);
  const pseudoHeader = wordsOf(source) + wordsOf(client) + PROTOCOL_UDP + bytes.length;
  // Zero would say that there is no checksum.
  view.setUint16(6, checksum(view, pseudoHeader) || 0xffff);
  return bytes;
}

/** The Internet checksum (RFC 1071) of `view` and of what was summed up before. */
function checksum(view: DataView, before: number): number {
  const { byteLength } = view;
  let sum = before;
  let at = 0;
  for (; at + 1 < byteLength; at += 2) sum += view.getUint16(at);
  if (at < byteLength) sum += view.getUint8(at) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function wordsOf(address: Ipv4): number {
  return (address >>> 16) + (address & 0xffff);
}
