import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

/** The system calls that transparent sockets need; each answers -1 where it failed, see `systemError`. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number;
  close(fd: number): number;
  /** Waits for one message at least with `MSG_WAITFORONE`. `messages` is the address of an array of `mmsghdr`. */
  recvmmsg(fd: number, messages: bigint, count: number, flags: number, timeout: null): number;
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    to: Uint8Array,
    toLength: number,
  ): number;
}

/**
 * Binds the calls of this process's own libc.
 * @throws where koffi has no binary for this machine
 */
export function openLibc(): Libc {
  const self = koffi.load(null);
  return {
    socket: self.func('int socket(int, int, int)'),
    setsockopt: self.func('int setsockopt(int, int, int, const void *, uint32_t)'),
    bind: self.func('int bind(int, const void *, uint32_t)'),
    getsockname: self.func('int getsockname(int, void *, void *)'),
    close: self.func('int close(int)'),
    recvmmsg: self.func('int recvmmsg(int, void *, uint32_t, int, void *)'),
    sendto: self.func('int64_t sendto(int, const void *, size_t, int, const void *, uint32_t)'),
  };
}

/** An error of a system call, as Node.js reports its own. */
export interface SystemError extends Error {
  /** Such as `EPERM`. */
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

/** The error of the call that has just failed on this thread. */
export function systemError(syscall: string): SystemError {
  const errno = koffi.errno();
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall });
}

/** Memory that does not move, for structures that point at each other. Lives as long as the process. */
export interface FixedMemory {
  readonly address: bigint;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** @param size in bytes */
export function fixedMemory(size: number): FixedMemory {
  const pointer = koffi.alloc('uint8_t', size);
  const bytes = new Uint8Array(koffi.view(pointer, size));
  bytes.fill(0);
  return { address: koffi.address(pointer), bytes };
}
