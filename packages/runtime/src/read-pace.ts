/** A read of this size left something behind, or might have: what comes next is there already. */
const LARGE_PIECE_BYTES = 48 * 1024;
/** Over how long the rate of a stream is measured, and from which rate on it is a bulk transfer: 33 Mbit/s. */
const MEASURE_MS = 4;
const BULK_BYTES_PER_MS = 4 * 1024;

/**
 * Finds out when it pays to let a socket gather for a moment before it is read again. Packets that come one by one, as
 * from a VPN or a phone's network, cost a system call, a frame, a TLS record and a wake-up each; in a bulk transfer some
 * ten of them can share these. A request or an answer never waits: it is no bulk transfer.
 */
export class ReadPace {
  #since = 0;
  #bytes = 0;
  #bulk = false;

  /** Notes a piece that was read at `now`, a monotonic time in milliseconds; answers whether to rest before the next. */
  restsAfter(bytes: number, now: number): boolean {
    this.#bytes += bytes;
    const elapsed = now - this.#since;
    if (elapsed >= MEASURE_MS) {
      this.#bulk = this.#bytes >= elapsed * BULK_BYTES_PER_MS;
      this.#bytes = 0;
      this.#since = now;
    }
    return this.#bulk && bytes < LARGE_PIECE_BYTES;
  }
}
