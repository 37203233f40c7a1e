/** Numbers of the Linux ABI; the same on all 64-bit machines that we run on (x86-64, ARM64). */

export const AF_INET = 2;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;

export const IPPROTO_IP = 0;
/** A raw socket that takes packets with their IP header. */
export const IPPROTO_RAW = 255;
/** Binds to, and answers as, addresses that are not of this host. */
export const IP_TRANSPARENT = 19;
/** Has each datagram come with the address that it was sent to; also the type of that control message. */
export const IP_RECVORIGDSTADDR = 20;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_RCVTIMEO = 20;
/** Buffers beyond the system's limit for ordinary programs. */
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;

export const MSG_DONTWAIT = 0x40;
/** `recvmmsg`: wait for the first message, then take what is there. */
export const MSG_WAITFORONE = 0x10000;
/** A message was longer than its buffer. */
export const MSG_TRUNC = 0x20;
