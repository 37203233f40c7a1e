import type { Libc } from '../sockets/libc.ts';
import { MSG_DONTWAIT } from '../sockets/linux-numbers.ts';
import { encodeSocketAddress, SOCKADDR_BYTES } from '../sockets/socket-address.ts';
import { type Answer, answerPackets } from './answer-packets.ts';

/** Hands answers to VPN clients. */
export interface AnswerSender {
  /** Sends one, or loses it, as datagrams are lost. */
  send(answer: Answer): void;
}

/**
 * Sends answers in the name of their source, whatever address and port that is, through one raw socket. A socket
 * bound to each source would need a descriptor for each, and fail for ports that programs of this host have.
 */
export class RawAnswerSender implements AnswerSender {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #mtu: number;
  #id = 0;

  /** @param fd of `openPacketSender` */
  constructor(libc: Libc, fd: number, mtu: number) {
    this.#libc = libc;
    this.#fd = fd;
    this.#mtu = mtu;
  }

  send(answer: Answer): void {
    this.#id = (this.#id + 1) & 0xffff;
    const to = encodeSocketAddress(answer.client, 0);
    for (const packet of answerPackets(answer, this.#id, this.#mtu)) {
      // A full queue or a client that has just gone: either way the datagram is lost.
      this.#libc.sendto(this.#fd, packet, packet.length, MSG_DONTWAIT, to, SOCKADDR_BYTES);
    }
  }
}
