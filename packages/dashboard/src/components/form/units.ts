/** A unit, and how many of the base unit it is. */
export interface Unit {
  readonly name: string;
  readonly size: number;
}

export const BYTES_IEC: readonly Unit[] = [
  { name: 'MiB', size: 1024 ** 2 },
  { name: 'GiB', size: 1024 ** 3 },
  { name: 'TiB', size: 1024 ** 4 },
];
export const BYTES_SI: readonly Unit[] = [
  { name: 'MB', size: 1e6 },
  { name: 'GB', size: 1e9 },
  { name: 'TB', size: 1e12 },
];
export const SECONDS: readonly Unit[] = [
  { name: 'seconds', size: 1 },
  { name: 'minutes', size: 60 },
  { name: 'hours', size: 3_600 },
];
export const MINUTES: readonly Unit[] = [
  { name: 'minutes', size: 1 },
  { name: 'hours', size: 60 },
  { name: 'days', size: 1_440 },
];

/** The largest unit that shows `amount` with at most two decimals; the second, which is the usual one, for none. */
export function fittingUnit(units: readonly Unit[], amount: number | null): Unit {
  const fallback = units[Math.min(1, units.length - 1)]!;
  if (amount === null || amount === 0) return fallback;
  const exact = units.filter(({ size }) => amount >= size && isShort(amount / size));
  return exact.at(-1) ?? units[0]!;
}

function isShort(value: number): boolean {
  return Math.abs(value * 100 - Math.round(value * 100)) < 1e-6;
}
