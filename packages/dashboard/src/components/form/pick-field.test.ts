import { expect, test } from 'vitest';
import { findChoices } from './pick-field.tsx';

const choices = [
  { value: '1', label: 'Pixel 7 #04', detail: '100.72.8.41' },
  { value: '2', label: 'Moto G #11' },
];
const found = (text: string) => findChoices(choices, text).map(({ value }) => value);

test('a choice is found by words of its label and its detail, in any order', () => {
  expect(found('8.41 pixel')).toEqual(['1']);
  expect(found('  #1 ')).toEqual(['2']);
  expect(found('')).toEqual(['1', '2']);
  expect(found('nokia')).toEqual([]);
});
