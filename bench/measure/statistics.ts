/** A figure of several rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle value; the mean of the two middle ones when their number is even. `NaN` of nothing. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return Number.NaN;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/** The smallest value that at least `share` of all do not exceed (nearest rank). `NaN` of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(values.length * share));
  return ascending(values)[rank - 1] ?? Number.NaN;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * How `ours` compares with `peer`, round by round: both of a pair met the same state of the machine, so their ratio
 * says more than the ratio of two medians.
 */
export function pairedRatios(ours: readonly number[], peer: readonly number[]): Spread {
  const pairs = Math.min(ours.length, peer.length);
  return spreadOf(Array.from({ length: pairs }, (_, round) => ours[round]! / peer[round]!));
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
