import { expect, test } from 'vitest';
import { fittingColumns } from './fitting-columns.ts';

const columns = [
  { id: 'name', width: 200, importance: 1 },
  { id: 'carrier', width: 100, importance: 3 },
  { id: 'ip', width: 120, importance: 2 },
  { id: 'signal', width: 80, importance: 3 },
] as const;

test.each([
  [500, ['name', 'carrier', 'ip', 'signal']],
  [499, ['name', 'carrier', 'ip']],
  [420, ['name', 'carrier', 'ip']],
  [419, ['name', 'ip']],
  [10, ['name']],
])('%d pixels hold the most important columns', (room, ids) => {
  expect([...fittingColumns(columns, room)]).toEqual(ids);
});
