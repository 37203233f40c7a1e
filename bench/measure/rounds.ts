/** One way to measure the same thing, such as through one peer. */
export type Measure<T> = () => Promise<T>;

/**
 * Measures every way once in each round, forwards and backwards in turn, so that what else the machine does meets them
 * all alike. The first round only warms up. Answers, for each way, its results in the order of rounds.
 */
export async function interleave<T>(rounds: number, ways: readonly Measure<T>[]): Promise<T[][]> {
  const results: T[][] = ways.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    const order = ways.map((_, index) => (round % 2 === 0 ? index : ways.length - 1 - index));
    for (const index of order) {
      const result = await ways[index]!();
      if (round > 0) results[index]!.push(result);
    }
  }
  return results;
}
