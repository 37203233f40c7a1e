import { IP_RECVORIGDSTADDR, IPPROTO_IP, MSG_TRUNC } from './linux-numbers.ts';
import { type Ipv4, isSocketAddress, SOCKADDR_BYTES } from './socket-address.ts';

/** A datagram with the address that it was sent to. `data` is a view of the batch, which is overwritten. */
export interface ReceivedDatagram {
  readonly client: Ipv4;
  readonly clientPort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
  readonly data: Uint8Array;
}

/** `struct mmsghdr`, `struct iovec` and `struct cmsghdr` of 64-bit Linux. */
const MMSGHDR = { bytes: 64, name: 0, nameLength: 8, iov: 16, iovCount: 24, control: 32, controlLength: 40 };
const MMSGHDR_FLAGS = 48;
const MMSGHDR_LENGTH = 56;
const IOVEC = { bytes: 16, base: 0, length: 8 };
const CMSG_DATA = 16;
const CMSG_ALIGN = 8;
const CONTROL_BYTES = 64;

/** The largest payload of UDP over IPv4 is 65,507 bytes. */
const DATA_BYTES = 65_536;

/** The memory that `recvmmsg` fills: for each message its header, the sender, the control data and the payload. */
export class DatagramBatch {
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #offsets: { readonly names: number; readonly controls: number; readonly data: number };

  /**
   * @param memory at least `DatagramBatch.size(count)` bytes
   * @param address where that memory is
   */
  constructor(memory: Uint8Array, address: bigint, count: number) {
    this.count = count;
    this.#bytes = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    const iovecs = count * MMSGHDR.bytes;
    const names = iovecs + count * IOVEC.bytes;
    const controls = names + count * SOCKADDR_BYTES;
    const data = controls + count * CONTROL_BYTES;
    this.#offsets = { names, controls, data };
    for (let i = 0; i < count; i += 1) {
      const header = i * MMSGHDR.bytes;
      const iovec = iovecs + i * IOVEC.bytes;
      this.#pointer(header + MMSGHDR.name, address, names + i * SOCKADDR_BYTES);
      this.#pointer(header + MMSGHDR.iov, address, iovec);
      this.#pointer(header + MMSGHDR.control, address, controls + i * CONTROL_BYTES);
      this.#view.setBigUint64(header + MMSGHDR.iovCount, 1n, true);
      this.#pointer(iovec + IOVEC.base, address, data + i * DATA_BYTES);
      this.#view.setBigUint64(iovec + IOVEC.length, BigInt(DATA_BYTES), true);
    }
    this.prepare(count);
  }

  /** Bytes that a batch of `count` messages needs. */
  static size(count: number): number {
    return count * (MMSGHDR.bytes + IOVEC.bytes + SOCKADDR_BYTES + CONTROL_BYTES + DATA_BYTES);
  }

  /** Gives the first `count` headers back to the kernel, which overwrites the sizes that it was told. */
  prepare(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const header = i * MMSGHDR.bytes;
      this.#view.setUint32(header + MMSGHDR.nameLength, SOCKADDR_BYTES, true);
      this.#view.setUint32(header + MMSGHDR.controlLength, CONTROL_BYTES, true);
    }
  }

  /** The message that was received `index`-th; `null` when it is not whole or nobody knows where it was going. */
  read(index: number): ReceivedDatagram | null {
    const header = index * MMSGHDR.bytes;
    const length = this.#view.getUint32(header + MMSGHDR_LENGTH, true);
    const name = this.#offsets.names + index * SOCKADDR_BYTES;
    const truncated = (this.#view.getUint32(header + MMSGHDR_FLAGS, true) & MSG_TRUNC) !== 0;
    if (truncated || length > DATA_BYTES || !isSocketAddress(this.#view, name)) return null;
    const control = this.#offsets.controls + index * CONTROL_BYTES;
    const controlLength = this.#view.getUint32(header + MMSGHDR.controlLength, true);
    const end = control + Math.min(controlLength, CONTROL_BYTES);
    const destination = findOriginalDestination(this.#view, control, end);
    if (destination === null) return null;
    const data = this.#offsets.data + index * DATA_BYTES;
    return {
      client: this.#view.getUint32(name + 4),
      clientPort: this.#view.getUint16(name + 2),
      destination: this.#view.getUint32(destination + 4),
      destinationPort: this.#view.getUint16(destination + 2),
      data: this.#bytes.subarray(data, data + length),
    };
  }

  #pointer(at: number, base: bigint, offset: number): void {
    this.#view.setBigUint64(at, base + BigInt(offset), true);
  }
}

/**
 * Where among the control messages between `start` and `end` the `sockaddr_in` of `IP_ORIGDSTADDR` is; `null` when
 * there is none, or the messages are not well formed before it.
 */
export function findOriginalDestination(view: DataView, start: number, end: number): number | null {
  let at = start;
  while (at + CMSG_DATA <= end) {
    const length = view.getUint32(at, true);
    const isHuge = view.getUint32(at + 4, true) !== 0;
    if (isHuge || length < CMSG_DATA || at + length > end) return null;
    const level = view.getInt32(at + 8, true);
    const type = view.getInt32(at + 12, true);
    if (level === IPPROTO_IP && type === IP_RECVORIGDSTADDR) {
      const fits = length >= CMSG_DATA + SOCKADDR_BYTES && isSocketAddress(view, at + CMSG_DATA);
      return fits ? at + CMSG_DATA : null;
    }
    at += Math.ceil(length / CMSG_ALIGN) * CMSG_ALIGN;
  }
  return null;
}
