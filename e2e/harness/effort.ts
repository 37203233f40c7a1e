/**
 * How often a repeated scenario runs: `short` as part of the test suite, `long` with `E2E_LONG=1`, for the numbers that
 * the product promises.
 */
export function rounds(short: number, long: number): number {
  return process.env.E2E_LONG === '1' ? long : short;
}
