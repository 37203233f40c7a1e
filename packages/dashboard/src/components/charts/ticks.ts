const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];
/** More lines than this are harder to read than helpful. */
const MOST = 5;

/**
 * Marks of an axis from 0 to at least `max`, at round numbers of a unit: 0, 200, 400 MiB with a base of 1,024, where
 * powers of ten would be 191 and 381 MiB.
 */
export function roundTicks(max: number, base: 1000 | 1024): number[] {
  if (!(max > 0)) return [0, 1];
  const unit = base ** Math.floor(Math.log(max) / Math.log(base));
  const step = (STEPS.find((size) => max / unit / size <= MOST) ?? 500) * unit;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, at) => at * step);
}
