/** Whether scenarios run as often as the product promises: with `E2E_LONG=1`, as `e2e/soak/long-main.ts` sets it. */
export function longForm(): boolean {
  return process.env.E2E_LONG === '1';
}

/** How much a scenario carries: `short` as part of the test suite, `long` in its long form. */
export function amount(short: number, long: number): number {
  return longForm() ? long : short;
}

/**
 * How often a repeated scenario runs: `short` as part of the test suite, `long` in its long form, or as often as
 * `E2E_ROUNDS` says.
 */
export function rounds(short: number, long: number): number {
  return amount(short, Number(process.env.E2E_ROUNDS ?? long));
}
