import type { Socket } from 'node:net';
import type { Clock, Timer } from '@pocketproxy/runtime';
import { TurnLine } from './turn-line.ts';

export interface HandshakeQueueOptions {
  /** Handshakes that may be under way before further ones wait. */
  readonly atOnce: number;
  /** A handshake that takes longer waits for its peer, and holds nobody back any more. */
  readonly slotMs: number;
  /** From a connection to the end of its handshake. One that takes longer is closed. */
  readonly limitMs: number;
  /** Sockets that may wait for their turn. */
  readonly waiting: number;
  /** Sockets that may have had their turn and nothing to say. */
  readonly silent: number;
  readonly clock: Clock;
  /** Begins the handshake of a socket that nothing was read from. */
  readonly begin: (socket: Socket) => void;
  /** Calls back once all that has arrived on the sockets that have begun has been read. */
  readonly afterReading: (then: () => void) => void;
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
}

/**
 * Lets a few TLS handshakes begin at a time. Each costs about a millisecond of the event loop: when all phones of a relay come
 * back at once, thousands that are ready in one turn would hold up the traffic of those that are back already. Whoever has said
 * nothing when its turn comes keeps no slot; and however many come from one network, another one's turn is the next.
 */
export class HandshakeQueue {
  readonly #options: HandshakeQueueOptions;
  readonly #places = new Map<string, Place>();
  readonly #line = new TurnLine<Place>();
  readonly #silent = new TurnLine<Place>();
  readonly #slots = new Map<string, Timer>();

  constructor(options: HandshakeQueueOptions) {
    this.#options = options;
  }

  /**
   * Takes a socket that is paused and that nothing was read from. TLS must be the first to read: what it is handed instead makes
   * its buffer as small as that, for as long as the connection lives.
   */
  add(socket: Socket, peer: Peer): void {
    const { clock, limitMs, waiting } = this.#options;
    const limit = clock.setTimeout(() => socket.destroy(), limitMs);
    const place: Place = { ...peer, socket, limit };
    socket.once('close', () => this.done(peer.id));
    this.#places.set(peer.id, place);
    this.#line.add(place.network, place);
    this.#startNext();
    if (this.#line.size > waiting) this.#turnAway(this.#line.largest().at(-1));
  }

  /** The handshake of this peer has ended. One whose socket closes has anyway. */
  done(id: string): void {
    const place = this.#places.get(id);
    if (!place) return;
    this.#places.delete(id);
    this.#line.delete(place.network, place);
    this.#silent.delete(place.network, place);
    place.limit.cancel();
    this.#freeSlot(id);
  }

  /** Closes what has not finished its handshake. */
  clear(): void {
    // The line first, so that nobody in it gets the slot of another one.
    while (this.#line.size > 0) this.#turnAway(this.#line.shift());
    for (const place of this.#places.values()) this.#turnAway(place);
  }

  #turnAway(place: Place | undefined): void {
    if (!place) return;
    place.socket.destroy();
    this.done(place.id);
  }

  #startNext(): void {
    const { atOnce, slotMs, clock, begin, afterReading } = this.#options;
    while (this.#slots.size < atOnce) {
      const place = this.#line.shift();
      if (!place) return;
      this.#slots.set(
        place.id,
        clock.setTimeout(() => this.#freeSlot(place.id), slotMs),
      );
      begin(place.socket);
      afterReading(() => this.#lookAt(place));
    }
  }

  /** Whoever wants something has sent its ClientHello while it waited, or does at any moment. */
  #lookAt(place: Place): void {
    if (place.socket.bytesRead > 0 || !this.#places.has(place.id)) return;
    this.#silent.add(place.network, place);
    if (this.#silent.size > this.#options.silent) this.#forgetSilent(this.#silent.largest()[0]!);
    this.#freeSlot(place.id);
  }

  /** Phones say what they want soon: who has been silent for longest is none. */
  #forgetSilent(place: Place): void {
    this.#silent.delete(place.network, place);
    if (place.socket.bytesRead === 0) this.#turnAway(place);
  }

  #freeSlot(id: string): void {
    this.#slots.get(id)?.cancel();
    if (this.#slots.delete(id)) this.#startNext();
  }
}
