import { type Libc, systemError } from './libc.ts';
import {
  AF_INET,
  IP_RECVORIGDSTADDR,
  IP_TRANSPARENT,
  IPPROTO_IP,
  IPPROTO_RAW,
  SO_RCVBUFFORCE,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
} from './linux-numbers.ts';
import { encodeSocketAddress, parseIpv4, SOCKADDR_BYTES } from './socket-address.ts';

/** Diverted packets find our sockets here; nothing else is meant to. */
const LOOPBACK = parseIpv4('127.0.0.1')!;
const BUFFER_BYTES = 8 * 1024 * 1024;

/** A socket that has a descriptor and a port of its own on loopback. */
export interface PortSocket {
  readonly fd: number;
  readonly port: number;
}

/**
 * A TCP socket to listen on for connections that TPROXY diverts to it: their local address is the original destination.
 * @throws {SystemError} `EPERM` without CAP_NET_ADMIN
 */
export function openTransparentListener(libc: Libc): PortSocket {
  return opened(libc, SOCK_STREAM, () => {});
}

/**
 * A UDP socket for datagrams that TPROXY diverts to it, each of which comes with its original destination.
 * @param waitMs how long a receiving call may wait
 * @throws {SystemError} `EPERM` without CAP_NET_ADMIN
 */
export function openTransparentReceiver(libc: Libc, waitMs: number): PortSocket {
  return opened(libc, SOCK_DGRAM, (fd) => {
    setNumber(libc, fd, IPPROTO_IP, IP_RECVORIGDSTADDR, 1);
    setNumber(libc, fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
    // struct timeval of 64-bit Linux: seconds, microseconds.
    const limit = new BigInt64Array([BigInt(Math.trunc(waitMs / 1000)), BigInt((waitMs % 1000) * 1000)]);
    check(libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(limit.buffer), 16), 'setsockopt');
  });
}

/**
 * A raw socket that sends whole IPv4 packets, whatever their source.
 * @throws {SystemError} `EPERM` without CAP_NET_RAW
 */
export function openPacketSender(libc: Libc): number {
  const fd = check(libc.socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), 'socket');
  try {
    setNumber(libc, fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function opened(libc: Libc, type: number, prepare: (fd: number) => void): PortSocket {
  const fd = check(libc.socket(AF_INET, type | SOCK_CLOEXEC, 0), 'socket');
  try {
    setNumber(libc, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    setNumber(libc, fd, IPPROTO_IP, IP_TRANSPARENT, 1);
    check(libc.bind(fd, encodeSocketAddress(LOOPBACK, 0), SOCKADDR_BYTES), 'bind');
    prepare(fd);
    return { fd, port: localPort(libc, fd) };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function localPort(libc: Libc, fd: number): number {
  const address = new Uint8Array(SOCKADDR_BYTES);
  const length = new Uint8Array(new Uint32Array([SOCKADDR_BYTES]).buffer);
  check(libc.getsockname(fd, address, length), 'getsockname');
  return new DataView(address.buffer).getUint16(2);
}

function setNumber(libc: Libc, fd: number, level: number, option: number, value: number): void {
  const bytes = new Uint8Array(new Int32Array([value]).buffer);
  check(libc.setsockopt(fd, level, option, bytes, bytes.length), 'setsockopt');
}

function check(result: number, syscall: string): number {
  if (result < 0) throw systemError(syscall);
  return result;
}
