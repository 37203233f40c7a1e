import { FLOW_WINDOW_INITIAL, FLOW_WINDOW_MAX } from '@pocketproxy/protocol';

/**
 * What the kernel's buffers of a client's socket take in, at their largest, before anybody reads. Less than this taken
 * quickly proves nothing about the reader.
 */
const ABSORBED_BYTES = 8 * 1024 * 1024;
/** On a shorter way the initial window alone carries 150 Mbit/s, so that a flow can wait for the proof. */
const SHORT_WAY_MS = 10;
/** Factors by which a window widens. A long way pays for each step with round trips of waiting. */
const SHORT_WAY_FACTOR = 2;
const LONG_WAY_FACTOR = 4;
/** Smaller grants cost more than they bring. */
const SMALLEST_GRANT_BYTES = FLOW_WINDOW_INITIAL / 4;
/** A reader that rested this long is no fast one any more. */
const REST_MS = 1_000;

/** What the windows of one session may be wider than their initial size, all together. */
export class WindowBudget {
  #left = FLOW_WINDOW_MAX;

  /** Answers how much of `bytes` there is. */
  take(bytes: number): number {
    const taken = Math.min(bytes, this.#left);
    this.#left -= taken;
    return taken;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

/**
 * How far ahead of the reader the peer of one flow may send. Whatever is granted may have to be held when the reader
 * stalls, so a window widens only while it, and not the reader, holds the flow back; all of them share a budget.
 */
export class ReceiveWindow {
  readonly #budget: WindowBudget;
  #bytes = FLOW_WINDOW_INITIAL;
  #lastGrantAt = 0;
  #takenAtGrant = 0;
  #proofFrom = 0;
  #proofAt = 0;

  constructor(budget: WindowBudget) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What the reader takes between two grants: the rest of the window is always under way. */
  get grantBytes(): number {
    return Math.max(SMALLEST_GRANT_BYTES, this.#bytes / 8);
  }

  /** Call when a grant is due, with the bytes that the reader has taken in all: sets the window of this grant. */
  adapt(taken: number, now: number, roundTripMs: number): void {
    const sinceGrant = now - this.#lastGrantAt;
    if (this.#lastGrantAt === 0) this.#startProof(taken, now);
    else if (sinceGrant > Math.max(REST_MS, 8 * roundTripMs)) this.#narrow(taken, now);
    else if (roundTripMs < SHORT_WAY_MS) this.#adaptToShortWay(taken, now, roundTripMs);
    else if (this.#quarterMs(sinceGrant, taken - this.#takenAtGrant) < roundTripMs)
      this.#widen(LONG_WAY_FACTOR);
    this.#lastGrantAt = now;
    this.#takenAtGrant = taken;
  }

  /** Returns what the window has of the budget. */
  release(): void {
    this.#budget.giveBack(this.#bytes - FLOW_WINDOW_INITIAL);
    this.#bytes = FLOW_WINDOW_INITIAL;
  }

  #adaptToShortWay(taken: number, now: number, roundTripMs: number): void {
    const proof = taken - this.#proofFrom;
    if (proof < ABSORBED_BYTES) return;
    if (this.#quarterMs(now - this.#proofAt, proof) < roundTripMs) this.#widen(SHORT_WAY_FACTOR);
    this.#startProof(taken, now);
  }

  /**
   * How long the reader needs for a quarter of the window, having taken `bytes` in `ms`. When that is less than a round
   * trip, the window holds the flow back, and not the reader.
   */
  #quarterMs(ms: number, bytes: number): number {
    return ((ms / bytes) * this.#bytes) / 4;
  }

  #widen(factor: number): void {
    const wanted = Math.min(this.#bytes * factor, FLOW_WINDOW_MAX);
    this.#bytes += this.#budget.take(wanted - this.#bytes);
  }

  #narrow(taken: number, now: number): void {
    this.release();
    this.#startProof(taken, now);
  }

  #startProof(taken: number, now: number): void {
    this.#proofFrom = taken;
    this.#proofAt = now;
  }
}
