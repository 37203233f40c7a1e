import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { API_ERRORS } from './api/errors.ts';
import { FLOW_ERRORS } from './flow-errors.ts';
import { pairingErrorSchema } from './pairing.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** Cells of the table below a heading, by the code in the first one. */
function tableBelow(heading: string): Map<string, string[]> {
  const section = page.split('\n## ').find((part) => part.startsWith(heading)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((row) => {
      const [, code = '', ...cells] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''));
      return [code, cells];
    }),
  );
}

test('docs/errors.md lists every flow error as it is mapped', () => {
  const documented = [...tableBelow('Flows')].map(([code, [http, socks5, proxyStatus]]) => [
    ...[code, Number(http), Number(socks5), proxyStatus],
  ]);
  const mapped = Object.entries(FLOW_ERRORS).map(([code, e]) => [code, e.http, e.socks5, e.proxyStatus]);
  expect(documented).toEqual(mapped);
});

test('docs/errors.md lists every API error with its status', () => {
  const documented = [...tableBelow('API')].map(([code, [status]]) => [code, Number(status)]);
  expect(documented).toEqual(Object.entries(API_ERRORS).map(([code, e]) => [code, e.status]));
});

test('docs/errors.md lists every pairing error', () => {
  expect([...tableBelow('Pairing').keys()]).toEqual(pairingErrorSchema.shape.code.options);
});
