import type { Spread } from '../measure/statistics.ts';
import type { PerSide } from '../peers/peer.ts';

/** One side's outcome of a figure. */
export interface Outcome {
  readonly name: string;
  readonly value: Spread;
  /** CPU seconds of relay and agent per `costUnit`, medians of the rounds. */
  readonly cpu: PerSide | null;
}

/** What a figure should reach, and whether it did. */
export interface Target {
  /** As people read it, such as `>= 1.5x`. */
  readonly text: string;
  /** Where it lies: by how much of the peer's value, or at what value. Neither for what cannot be drawn. */
  readonly ofPeer?: number;
  readonly limit?: number;
  /** `null` when there was nothing to compare with. */
  readonly met: boolean | null;
}

/** One line of the table. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** What CPU seconds are counted for, such as `GB`; `null` when they would say nothing. */
  readonly costUnit: string | null;
  readonly ours: Outcome;
  /** `null` when the peer is not there. */
  readonly peer: Outcome | null;
  /** Ours by the peer's, round by round. */
  readonly ratio: Spread | null;
  /** The same of the relay's CPU seconds per unit. */
  readonly relayCpuRatio: Spread | null;
  readonly target: Target | null;
  /** The same traffic without any proxy, where that tells how much the load generator leaves room for. */
  readonly direct: Spread | null;
}
