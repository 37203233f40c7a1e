import type { Socket } from 'node:net';
import type { Clock } from '@pocketproxy/runtime';

export interface HandshakeQueueOptions {
  /** Handshakes that may be under way before further ones wait. */
  readonly atOnce: number;
  /** A handshake that takes longer waits for its peer, and holds nobody back any more. */
  readonly slotMs: number;
  /** Sockets that may wait. Those beyond are closed: their phones dial again, each after a wait of its own. */
  readonly waiting: number;
  readonly clock: Clock;
  /** Begins the handshake of a socket that nothing was read from. */
  readonly begin: (socket: Socket) => void;
}

/**
 * Lets a few TLS handshakes begin at a time. Each costs about a millisecond of the event loop: when all phones of a relay come
 * back at once, thousands that are ready in one turn would hold up the traffic of those that are back already.
 */
export class HandshakeQueue {
  readonly #options: HandshakeQueueOptions;
  readonly #waiting = new Map<Socket, string>();
  readonly #begun = new Map<string, () => void>();

  constructor(options: HandshakeQueueOptions) {
    this.#options = options;
  }

  /**
   * Takes a socket that is paused and that nothing was read from.
   * @param peer What `done` will be told, since TLS hides the socket it is spoken on
   */
  add(socket: Socket, peer: string): void {
    if (this.#waiting.size >= this.#options.waiting) {
      socket.destroy();
      return;
    }
    this.#waiting.set(socket, peer);
    socket.once('close', () => {
      this.#waiting.delete(socket);
      this.done(peer);
    });
    this.#startNext();
  }

  /** The handshake of this peer has ended. One whose socket closes has anyway. */
  done(peer: string): void {
    this.#begun.get(peer)?.();
  }

  /** Closes what waits. */
  clear(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #startNext(): void {
    const { atOnce, slotMs, clock, begin } = this.#options;
    for (const [socket, peer] of this.#waiting) {
      if (this.#begun.size >= atOnce) return;
      this.#waiting.delete(socket);
      const free = () => {
        timer.cancel();
        if (this.#begun.delete(peer)) this.#startNext();
      };
      const timer = clock.setTimeout(free, slotMs);
      this.#begun.set(peer, free);
      begin(socket);
    }
  }
}
