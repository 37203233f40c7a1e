import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { resetSocket } from '@pocketproxy/runtime';
import type { ClientOrigin } from '../domain/ingress.ts';

/**
 * One accepted socket, from accept to close, whatever protocol it speaks. Deadlines are numbers that one sweep over all
 * clients compares, so that setting one costs nothing and ten thousand clients need one timer.
 */
export class Client {
  /** The TCP socket, also when TLS is spoken on it. */
  readonly socket: Socket;
  readonly origin: ClientOrigin;
  /** When the client is cut, on the monotonic clock; 0 while nothing is asked of it, such as in a joined flow. */
  deadline = 0;
  /** Bytes received when an HTTP client fell idle; -1 while it is not idle. A later byte begins a new request. */
  idleAtBytes = -1;
  /** The answer is complete and only has to be read: the deadline is no reason to close earlier when all is closed. */
  answering = false;
  #whenExpired: (() => void) | null = null;
  #whenClosed: (() => void) | null = null;

  constructor(socket: Socket, origin: ClientOrigin) {
    this.socket = socket;
    this.origin = origin;
  }

  /**
   * Calls `listener` at the deadline; it must end the client. There is one at a time, and none means that the socket is
   * destroyed. It is handed over because V8 puts a function that is assigned to a property among old objects at once:
   * each would keep its client and all that it holds until the whole heap is collected.
   */
  onExpired(listener: (() => void) | null): void {
    this.#whenExpired = listener;
  }

  /** Calls `listener` once when the socket is closed, whoever closed it. There is one at a time. */
  onClosed(listener: (() => void) | null): void {
    this.#whenClosed = listener;
  }

  /** To be called at the deadline. */
  expire(): void {
    if (this.#whenExpired) this.#whenExpired();
    else this.socket.destroy();
  }

  /** To be called when the socket is closed. */
  closed(): void {
    this.#whenClosed?.();
  }

  /** Ends the client so that it sees a failure (RST) and not an orderly end. */
  reset(): void {
    if (this.socket.destroyed) return;
    // Under TLS there is no close_notify either, because the TLS stream is not asked.
    resetSocket(this.socket);
  }

  /**
   * Sends the last bytes and FIN, then discards what still comes: closing with unread bytes would send RST, and with
   * it the client could lose what was sent last.
   */
  endWith(stream: Duplex, bytes: Uint8Array | null, deadline: number): void {
    this.deadline = deadline;
    this.idleAtBytes = -1;
    this.#whenExpired = null;
    if (bytes === null) stream.end();
    else stream.end(bytes);
    stream.resume();
  }
}
