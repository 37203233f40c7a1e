import type { CSSProperties } from 'react';
import type { Column } from './table-columns.ts';

/** Width of the column of boxes in pixels. */
export const BOX_WIDTH = 20;
/** Space that each row has on both sides together, in pixels; space between cells belongs to their width. */
export const ROW_PADDING = 32;

/** Of each row, with that of the names: what lies in the columns that `columnsOf` gives to the table. */
export const ROW = 'grid grid-cols-(--columns) items-center px-4 max-md:px-2';
/**
 * Of the cells of a column, names and values alike; figures are raised onto the line of the other font. To cut a text off costs
 * a browser time for each cell that comes into sight, whether it is too long or not.
 */
export function cellOf({ align, figures, fits }: Pick<Column<never>, 'align' | 'figures' | 'fits'>): string {
  return `${fits ? 'whitespace-nowrap' : 'truncate'} px-2${align === 'right' ? ' text-right' : ''}${figures ? ' figures pb-0.5' : ''}`;
}

/**
 * The columns as a variable of the style of a table, which its rows have from it. Rows are grids of their own: in the
 * layout of a table, each row that comes or goes has all others laid out again.
 */
export function columnsOf(
  columns: readonly Column<never>[],
  hasBoxes: boolean,
  actionsWidth: number,
): CSSProperties {
  const tracks = [
    ...(hasBoxes ? [`${BOX_WIDTH}px`] : []),
    ...columns.map(({ width, grow }) => (grow ? 'minmax(0, 1fr)' : `${width}px`)),
    ...(actionsWidth > 0 ? [`${actionsWidth}px`] : []),
  ];
  return { '--columns': tracks.join(' ') } as CSSProperties;
}
