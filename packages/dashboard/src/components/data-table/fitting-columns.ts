import type { Column } from './table-columns.ts';

/** What the choice depends on. */
export type SizedColumn = Pick<Column<never>, 'id' | 'width' | 'importance'>;
/**
 * Ids of the columns that fit side by side into `room` pixels. The least important go first, of equals the last; what
 * has importance 1 stays, whatever the room.
 */
export function fittingColumns(columns: readonly SizedColumn[], room: number): Set<string> {
  const kept = new Set(columns.map(({ id }) => id));
  let width = columns.reduce((sum, column) => sum + column.width, 0);
  const leaving = columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ importance }) => importance > 1)
    .toSorted((a, b) => b.importance - a.importance || b.at - a.at);
  for (const { id, width: own } of leaving) {
    if (width <= room) break;
    kept.delete(id);
    width -= own;
  }
  return kept;
}
