import type { Socket } from 'node:net';
import type { Clock, Timer } from '@pocketproxy/runtime';
import { awaitClientHello } from './client-hello.ts';
import { TurnLine } from './turn-line.ts';

export interface HandshakeQueueOptions {
  /** Handshakes that may be under way before further ones wait. */
  readonly atOnce: number;
  /** A handshake that takes longer waits for its peer, and holds nobody back any more. */
  readonly slotMs: number;
  /** From a connection to the end of its handshake. One that takes longer is closed. */
  readonly limitMs: number;
  /** Sockets that may wait for their turn; and as many that have not said yet that they want one. */
  readonly waiting: number;
  readonly clock: Clock;
  /** Begins the handshake of a socket whose first bytes are to be read. */
  readonly begin: (socket: Socket) => void;
}

/** Where a socket comes from. */
export interface Peer {
  /** What `done` will be told, since TLS hides the socket it is spoken on. Unique among open connections. */
  readonly id: string;
  /** Networks take turns. */
  readonly network: string;
}

interface Place extends Peer {
  readonly socket: Socket;
  readonly limit: Timer;
  readonly hello: { giveBack(): void };
}

/**
 * Lets a few TLS handshakes begin at a time. Each costs about a millisecond of the event loop: when all phones of a relay come
 * back at once, thousands that are ready in one turn would hold up the traffic of those that are back already. Whoever has
 * not sent a ClientHello has no place in the line; and however many come from one network, another one's turn is the next.
 */
export class HandshakeQueue {
  readonly #options: HandshakeQueueOptions;
  readonly #places = new Map<string, Place>();
  /** In the order in which they came. */
  readonly #silent = new Set<Place>();
  readonly #line = new TurnLine<Place>();
  readonly #slots = new Map<string, Timer>();

  constructor(options: HandshakeQueueOptions) {
    this.#options = options;
  }

  /** Takes a socket that is paused and that nothing was read from. */
  add(socket: Socket, peer: Peer): void {
    const { clock, limitMs, waiting } = this.#options;
    const place: Place = {
      ...{ ...peer, socket },
      limit: clock.setTimeout(() => socket.destroy(), limitMs),
      hello: awaitClientHello(socket, () => this.#queue(place)),
    };
    socket.once('close', () => this.done(peer.id));
    this.#places.set(peer.id, place);
    this.#silent.add(place);
    // Phones say what they want at once: who has been silent for longest is none.
    if (this.#silent.size > waiting) this.#turnAway(this.#silent.values().next().value);
  }

  /** The handshake of this peer has ended. One whose socket closes has anyway. */
  done(id: string): void {
    const place = this.#places.get(id);
    if (!place) return;
    this.#places.delete(id);
    this.#silent.delete(place);
    this.#line.delete(place.network, place);
    place.limit.cancel();
    this.#freeSlot(id);
  }

  /** Closes what has not finished its handshake. */
  clear(): void {
    for (const place of this.#places.values()) this.#turnAway(place);
  }

  #turnAway(place: Place | undefined): void {
    if (!place) return;
    place.socket.destroy();
    this.done(place.id);
  }

  #queue(place: Place): void {
    this.#silent.delete(place);
    this.#line.add(place.network, place);
    if (this.#line.size > this.#options.waiting) this.#turnAway(this.#line.lastOfLargest());
    this.#startNext();
  }

  #startNext(): void {
    const { atOnce, slotMs, clock, begin } = this.#options;
    while (this.#slots.size < atOnce) {
      const place = this.#line.shift();
      if (!place) return;
      this.#slots.set(
        place.id,
        clock.setTimeout(() => this.#freeSlot(place.id), slotMs),
      );
      place.hello.giveBack();
      begin(place.socket);
    }
  }

  #freeSlot(id: string): void {
    this.#slots.get(id)?.cancel();
    if (this.#slots.delete(id)) this.#startNext();
  }
}
