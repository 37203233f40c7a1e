import { AF_INET } from './linux-numbers.ts';

/** Size of `struct sockaddr_in`. */
export const SOCKADDR_BYTES = 16;

/** An IPv4 address as one number, most significant byte first. */
export type Ipv4 = number;

/** `struct sockaddr_in` of an address and port. */
export function encodeSocketAddress(address: Ipv4, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SOCKADDR_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  view.setUint32(4, address);
  return bytes;
}

/** Whether there is a `struct sockaddr_in` at `offset`; the port is then at `offset + 2`, the address at `offset + 4`. */
export function isSocketAddress(view: DataView, offset: number): boolean {
  return offset + SOCKADDR_BYTES <= view.byteLength && view.getUint16(offset, true) === AF_INET;
}

/** Dotted decimal notation. */
export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** `null` for what is not dotted decimal notation of four numbers. */
export function parseIpv4(text: string): Ipv4 | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  let address = 0;
  for (let i = 1; i <= 4; i += 1) {
    const byte = Number(match[i]);
    if (byte > 255) return null;
    address = address * 256 + byte;
  }
  return address;
}
