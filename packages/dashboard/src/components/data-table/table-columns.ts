import {
  type ColumnDef,
  columnVisibilityFeature,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  sortFn_text,
  tableFeatures,
} from '@tanstack/react-table';
import type { ReactNode } from 'react';

/** One column of a table. */
export interface Column<T> {
  readonly id: string;
  /** Name in the header and in the choice of columns. */
  readonly label: string;
  /** In pixels; for a growing column, the least. It never follows the data, so that nothing jumps. */
  readonly width: number;
  /** Takes what is left. */
  readonly grow?: boolean;
  /** Numbers go to the right. */
  readonly align?: 'right';
  /** All of it is an address, a number or a time: `figures` for the whole cell saves an element in each. */
  readonly figures?: boolean;
  /** Nothing that it can show is wider than it is, so that nothing needs to be cut off. */
  readonly fits?: boolean;
  /** 1 stays always; the higher, the sooner it goes when there is no room. */
  readonly importance: 1 | 2 | 3 | 4 | 5;
  /** Not shown until somebody asks for it. */
  readonly hidden?: boolean;
  /** What it is sorted by; `null` comes last. A column without it cannot be sorted. */
  readonly value?: (row: T) => string | number | null;
  readonly cell: (row: T) => ReactNode;
}

/** What the tables use of the library. */
export const FEATURES = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic, text: sortFn_text },
});

/** Our columns as the library wants them. */
export function definitionsOf<T extends RowData>(
  columns: readonly Column<T>[],
): ColumnDef<typeof FEATURES, T, unknown>[] {
  return columns.map(({ id, value }) => ({
    id,
    header: id,
    accessorFn: (row: T) => value?.(row) ?? undefined,
    enableSorting: value !== undefined,
    sortUndefined: 'last' as const,
    sortDescFirst: false,
  }));
}
