import { expect, test } from 'vitest';
import { toCsv } from './csv.ts';

test('a table is lines of cells, with quotes where they are needed', () => {
  const text = toCsv(
    ['name', 'bytes'],
    [
      ['Pixel 7, "white"', 12],
      [null, -1],
    ],
  );
  expect(text).toBe('name,bytes\r\n"Pixel 7, ""white""",12\r\n,-1\r\n');
});

test('a name does not become a formula', () => {
  expect(toCsv(['name'], [['=HYPERLINK("http://a")']])).toBe('name\r\n"\'=HYPERLINK(""http://a"")"\r\n');
});
