import { expect, test } from 'vitest';
import { BYTES_IEC, BYTES_SI, fittingUnit, MINUTES, SECONDS } from './units.ts';

test.each([
  [BYTES_IEC, 10 * 1024 ** 3, 'GiB'],
  [BYTES_IEC, 512 * 1024 ** 2, 'MiB'],
  [BYTES_IEC, 1.5 * 1024 ** 3, 'GiB'],
  [BYTES_SI, 10 * 1024 ** 3, 'MB'],
  [BYTES_IEC, null, 'GiB'],
  [SECONDS, 90, 'minutes'],
  [SECONDS, 61, 'seconds'],
  [MINUTES, 1_440, 'days'],
  [MINUTES, 5, 'minutes'],
] as const)('of %o, %d is entered in the unit that shows it best', (units, amount, name) => {
  expect(fittingUnit(units, amount).name).toBe(name);
});
