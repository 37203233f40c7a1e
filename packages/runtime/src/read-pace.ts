/** A read of this size left something behind, or might have: what comes next is there already. */
const LARGE_PIECE_BYTES = 48 * 1024;
/** Over how long a stream is measured; longer while it rests, because a busy machine lets whole reads gather now and then. */
const MEASURE_MS = 4;
const MEASURE_RESTING_MS = 16;
/** From this rate on it is a bulk transfer: 33 Mbit/s. */
const BULK_BYTES_PER_MS = 4 * 1024;

/**
 * Finds out when it pays to let a socket gather for a moment before it is read again. Packets that come one by one, as
 * from a VPN or a phone's network, cost a system call, a frame, a TLS record and a wake-up each; in a bulk transfer some
 * ten of them can share these. A request or an answer never waits: it is no bulk transfer. Nor does a source that fills
 * whole reads: it is faster than the rest is short, and would stand still meanwhile, its socket's buffer full.
 */
export class ReadPace {
  #since = 0;
  #bytes = 0;
  #largeBytes = 0;
  #trickles = false;

  /** Notes a piece that was read at `now`, a monotonic time in milliseconds; answers whether to rest before the next. */
  restsAfter(bytes: number, now: number): boolean {
    const large = bytes >= LARGE_PIECE_BYTES;
    this.#bytes += bytes;
    if (large) this.#largeBytes += bytes;
    const elapsed = now - this.#since;
    if (elapsed >= (this.#trickles ? MEASURE_RESTING_MS : MEASURE_MS)) {
      this.#trickles = this.#bytes >= elapsed * BULK_BYTES_PER_MS && this.#largeBytes < this.#bytes / 2;
      this.#bytes = 0;
      this.#largeBytes = 0;
      this.#since = now;
    }
    return this.#trickles && !large;
  }
}
