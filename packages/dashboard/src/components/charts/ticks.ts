const STEPS = { 1000: [1, 2, 5, 10, 20, 50, 100, 200, 500], 1024: [1, 2, 5, 10, 20, 50, 100, 128, 256, 512] };
/** More lines than this are harder to read than helpful. */
const MOST = 5;

/**
 * Marks of an axis from 0 to at least `max`, at round numbers of a unit. With a base of 1,024 steps of hundreds are
 * powers of two, which lead to the next unit: 512 and 768 MiB, 1 GiB, and not 800 MiB and 0.98 GiB.
 */
export function roundTicks(max: number, base: 1000 | 1024): number[] {
  if (!(max > 0)) return [0, 1];
  const unit = base ** Math.floor(Math.log(max) / Math.log(base));
  const step = (STEPS[base].find((size) => max / unit / size <= MOST) ?? 512) * unit;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, at) => at * step);
}
