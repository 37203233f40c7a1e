import type { ReceivedDatagram } from '../sockets/datagram-batch.ts';

/** Client, client's port, destination, its port, length of the data. */
const HEADER_BYTES = 16;

/** Datagrams of one batch in one piece of memory, so that they cross to another thread without being copied again. */
export function packDatagrams(datagrams: readonly ReceivedDatagram[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { data } of datagrams) size += HEADER_BYTES + data.length;
  const parcel = new Uint8Array(size);
  const view = new DataView(parcel.buffer);
  let at = 0;
  for (const { client, clientPort, destination, destinationPort, data } of datagrams) {
    view.setUint32(at, client);
    view.setUint16(at + 4, clientPort);
    view.setUint32(at + 6, destination);
    view.setUint16(at + 10, destinationPort);
    view.setUint32(at + 12, data.length);
    parcel.set(data, at + HEADER_BYTES);
    at += HEADER_BYTES + data.length;
  }
  return parcel;
}

/** What `packDatagrams` packed. `data` is a view of the parcel. */
export function* unpackDatagrams(parcel: Uint8Array): Iterable<ReceivedDatagram> {
  const view = new DataView(parcel.buffer, parcel.byteOffset, parcel.byteLength);
  let at = 0;
  while (at + HEADER_BYTES <= parcel.length) {
    const start = at + HEADER_BYTES;
    const end = start + view.getUint32(at + 12);
    yield {
      client: view.getUint32(at),
      clientPort: view.getUint16(at + 4),
      destination: view.getUint32(at + 6),
      destinationPort: view.getUint16(at + 10),
      data: parcel.subarray(start, end),
    };
    at = end;
  }
}
