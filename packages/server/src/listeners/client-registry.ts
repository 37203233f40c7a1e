import type { Clock, Timer } from '@pocketproxy/runtime';
import type { Client } from './client.ts';

/** How late a deadline may be noticed. */
const SWEEP_INTERVAL_MS = 250;

/**
 * All client sockets of all ports, with their deadlines. HTTP clients are here as well: a CONNECT socket escapes the
 * timeouts and the closing of `http.Server`.
 */
export class ClientRegistry {
  readonly #clock: Clock;
  readonly #handshakeMs: number;
  readonly #byPort = new Map<number, Set<Client>>();
  #size = 0;
  #timer: Timer | null = null;
  #whenEmpty: (() => void) | null = null;
  /** UDP sockets of clients: their own code counts them. */
  datagramSockets = 0;

  constructor(clock: Clock, handshakeMs: number) {
    this.#clock = clock;
    this.#handshakeMs = handshakeMs;
  }

  get size(): number {
    return this.#size;
  }

  /** Descriptors of all clients. */
  get descriptors(): number {
    return this.#size + this.datagramSockets;
  }

  /** The clock by which deadlines are set. */
  now(): number {
    return this.#clock.monotonic();
  }

  /** Takes a socket in, with the handshake's deadline. It leaves by itself when it is closed. */
  add(client: Client): void {
    const { port } = client.origin;
    let clients = this.#byPort.get(port);
    if (!clients) {
      clients = new Set();
      this.#byPort.set(port, clients);
    }
    clients.add(client);
    this.#size += 1;
    client.deadline = this.now() + this.#handshakeMs;
    const { socket } = client;
    socket.once('close', () => this.#remove(client));
    // Half-closed sockets stay open for the flows that need them; a handshake has no use for one.
    socket.once('end', () => {
      if (client.deadline !== 0 && !socket.writableEnded) socket.destroy();
    });
    this.#timer ??= this.#clock.setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS);
  }

  /** Ends all clients of one port at once. */
  destroyPort(port: number): void {
    for (const client of this.#byPort.get(port) ?? []) client.reset();
  }

  /**
   * Ends the clients that are idle or still in a handshake now, and the others when they have finished or after
   * `drainMs`. Resolves when none is left.
   */
  async drain(drainMs: number): Promise<void> {
    for (const client of this.#all()) {
      if (client.deadline !== 0 && !client.answering) client.socket.destroy();
    }
    if (this.#size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    const end = this.#clock.setTimeout(() => {
      for (const client of this.#all()) client.reset();
    }, drainMs);
    await empty;
    end.cancel();
  }

  #remove(client: Client): void {
    const { port } = client.origin;
    const clients = this.#byPort.get(port);
    if (!clients?.delete(client)) return;
    if (clients.size === 0) this.#byPort.delete(port);
    this.#size -= 1;
    if (this.#size === 0) {
      this.#timer?.cancel();
      this.#timer = null;
      this.#whenEmpty?.();
    }
    client.closed();
  }

  *#all(): Iterable<Client> {
    for (const clients of [...this.#byPort.values()]) yield* [...clients];
  }

  #sweep(): void {
    const now = this.now();
    for (const clients of this.#byPort.values()) {
      for (const client of clients) {
        if (client.deadline === 0) continue;
        if (client.idleAtBytes >= 0 && client.socket.bytesRead > client.idleAtBytes) {
          // A request has begun: from here on its head has as long as the first one had.
          client.idleAtBytes = -1;
          client.deadline = now + this.#handshakeMs;
        } else if (now >= client.deadline) {
          client.deadline = 0;
          client.expire();
        }
      }
    }
  }
}
