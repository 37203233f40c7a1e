import type { Duplex } from 'node:stream';
import type { Clock, Timer } from './clock.ts';

/** What may pass at once after an idle time, as a share of what passes in a second. */
const BURST_MS = 100;
/** A turn is what passes in this time, within the bounds below. */
const TURN_MS = 10;
/** One packet: smaller pieces would only cost. */
const MIN_TURN_BYTES = 1_500;
/** One read of a socket: larger turns would let few flows pass while many wait. */
const MAX_TURN_BYTES = 64 * 1024;
/** For how long after a datagram a share is kept for the next ones. */
const DATAGRAM_SHARE_MS = 1_000;

/** One flow in one direction, as a rate limit sees it. */
export interface LimitedFlow {
  /** Bytes of its turn that it has not used yet; only the limit changes it. */
  allowance: number;
  /** It has bytes in hand and no turn; only the limit changes it. */
  waiting: boolean;
  /** Called when the flow has a turn: must offer its bytes again, later than in this call. */
  resume(): void;
}

/**
 * A token bucket that many flows share. Flows take turns of equal size, in the order in which they came to wait, so
 * that none starves however many there are. Nothing is buffered here: a flow without a turn stops reading.
 */
export class RateLimit {
  readonly #clock: Clock;
  #bytesPerMs = 0;
  #turnBytes = 0;
  #burstBytes = 0;
  #tokens = 0;
  #refilledAt: number;
  readonly #waiting = new Set<LimitedFlow>();
  #timer: Timer | null = null;
  #serving = false;
  /** What datagrams may use while streams wait. */
  #datagramTokens = 0;
  #lastDatagramAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#refilledAt = clock.monotonic();
    this.setRate(bytesPerSecond);
    this.#tokens = this.#burstBytes;
  }

  /** Takes effect at once, on flows that wait too. */
  setRate(bytesPerSecond: number): void {
    this.#refill();
    this.#bytesPerMs = bytesPerSecond / 1_000;
    this.#turnBytes = Math.min(Math.max(this.#bytesPerMs * TURN_MS, MIN_TURN_BYTES), MAX_TURN_BYTES);
    this.#burstBytes = Math.max(this.#bytesPerMs * BURST_MS, this.#turnBytes);
    this.#tokens = Math.min(this.#tokens, this.#burstBytes);
    this.#timer?.cancel();
    this.#timer = null;
    this.#expectTurn();
  }

  /**
   * How many of the `wanted` bytes may pass now. If not all, the flow waits from then on: it must keep the others,
   * read nothing, and ask again when it is resumed.
   */
  take(flow: LimitedFlow, wanted: number): number {
    const passed = flow.allowance > 0 ? this.#useTurn(flow, wanted) : this.#takeUnasked(wanted);
    if (passed < wanted) {
      flow.waiting = true;
      this.#waiting.add(flow);
      this.#expectTurn();
    }
    return passed;
  }

  /** Whether a datagram may pass. Those that may not are to be dropped, as a full queue of a network would. */
  admits(bytes: number): boolean {
    this.#refill();
    this.#lastDatagramAt = this.#clock.monotonic();
    // Into debt, so that a datagram that is larger than the burst passes as well.
    if (this.#waiting.size === 0) {
      if (this.#tokens <= 0) return false;
      this.#tokens -= bytes;
      return true;
    }
    if (this.#datagramTokens <= 0) return false;
    this.#datagramTokens -= bytes;
    return true;
  }

  /** Forgets a flow that has ended; others get what it did not use. */
  leave(flow: LimitedFlow): void {
    this.#waiting.delete(flow);
    flow.waiting = false;
    this.#tokens += flow.allowance;
    flow.allowance = 0;
  }

  /** Lets everybody go: nobody asks this limit any more. */
  lift(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const flows = [...this.#waiting];
    for (const flow of flows) this.leave(flow);
    for (const flow of flows) flow.resume();
  }

  #useTurn(flow: LimitedFlow, wanted: number): number {
    const passed = Math.min(wanted, flow.allowance);
    flow.allowance -= passed;
    return passed;
  }

  #takeUnasked(wanted: number): number {
    this.#refill();
    // Whoever waits comes first, and a piece of a few bytes is worth no turn.
    if (this.#waiting.size > 0 || this.#tokens < Math.min(wanted, this.#turnBytes)) return 0;
    const passed = Math.min(wanted, Math.floor(this.#tokens));
    this.#tokens -= passed;
    return passed;
  }

  /** Sees to it that the next waiting flow gets its turn as soon as there are tokens for it. */
  #expectTurn(): void {
    if (this.#waiting.size === 0 || this.#serving || this.#timer !== null) return;
    const missing = this.#turnBytes - this.#tokens;
    if (missing <= 0) {
      this.#serving = true;
      // Not now: the flow that asks has yet to stop reading.
      queueMicrotask(() => {
        this.#serving = false;
        this.#serve();
      });
      return;
    }
    const streamsShare = this.#datagramsPass() ? this.#waiting.size / (this.#waiting.size + 1) : 1;
    const ms = Math.max(1, Math.ceil(missing / (this.#bytesPerMs * streamsShare)));
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      this.#serve();
    }, ms);
  }

  #serve(): void {
    this.#refill();
    for (const flow of this.#waiting) {
      if (this.#tokens < this.#turnBytes) break;
      this.#tokens -= this.#turnBytes;
      this.#waiting.delete(flow);
      flow.waiting = false;
      flow.allowance = Math.floor(this.#turnBytes);
      flow.resume();
    }
    this.#expectTurn();
  }

  #datagramsPass(): boolean {
    return this.#clock.monotonic() - this.#lastDatagramAt < DATAGRAM_SHARE_MS;
  }

  /** While streams wait, all datagrams together get what one stream gets. */
  #refill(): void {
    const now = this.#clock.monotonic();
    let added = (now - this.#refilledAt) * this.#bytesPerMs;
    this.#refilledAt = now;
    if (this.#waiting.size > 0 && this.#datagramsPass()) {
      const share = Math.min(added / (this.#waiting.size + 1), this.#burstBytes - this.#datagramTokens);
      this.#datagramTokens += share;
      added -= share;
    }
    this.#tokens = Math.min(this.#tokens + added, this.#burstBytes);
  }
}

/**
 * The part of a chunk that may pass now, or `null`. The rest goes back into its stream, which is paused until the flow
 * has its turn.
 */
export function limitedPart(
  stream: Duplex,
  rate: RateLimit,
  flow: LimitedFlow,
  chunk: Buffer,
): Buffer | null {
  const passed = rate.take(flow, chunk.length);
  if (passed === chunk.length) return chunk;
  stream.pause();
  stream.unshift(chunk.subarray(passed));
  return passed === 0 ? null : chunk.subarray(0, passed);
}
