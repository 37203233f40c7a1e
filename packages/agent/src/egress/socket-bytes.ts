import type { Socket } from 'node:net';

/** Bytes that left and arrived. */
export interface ByteCounts {
  readonly up: number;
  readonly down: number;
}

/** Counts what sockets carry, those that have ended included. */
export class SocketBytes {
  readonly #open = new Set<Socket>();
  #up = 0;
  #down = 0;

  /** Counts `socket` from its beginning to its end. */
  follow(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.add(bytesOf(socket));
    });
  }

  /** Counts bytes that no followed socket carried. */
  add({ up, down }: ByteCounts): void {
    this.#up += up;
    this.#down += down;
  }

  get total(): ByteCounts {
    let up = this.#up;
    let down = this.#down;
    for (const socket of this.#open) {
      const bytes = bytesOf(socket);
      up += bytes.up;
      down += bytes.down;
    }
    return { up, down };
  }
}

function bytesOf(socket: Socket): ByteCounts {
  return { up: socket.bytesWritten, down: socket.bytesRead };
}
