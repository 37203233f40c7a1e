import { expect, test } from 'vitest';
import { filterOptions } from './filter-options.ts';
import { filterText, filterValues } from './filter-values.ts';

test('values come back from the URL, whatever is in them', () => {
  const values = new Set(['1&1', 'O2, Germany', 'Télécom']);
  expect(filterValues(filterText(values))).toEqual(values);
  expect(filterText(new Set())).toBeUndefined();
  expect([...filterValues('100%,b')]).toEqual(['100%', 'b']);
});

test('the values that occur are counted, the most frequent first', () => {
  const rows = ['b', 'a', null, 'a', 'c'];
  expect(filterOptions(rows, (row) => row).map(({ value, count }) => `${value} ${count}`)).toEqual([
    ...['a 2', 'b 1', 'c 1'],
  ]);
  expect(filterOptions(undefined, String)).toEqual([]);
});
