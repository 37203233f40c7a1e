import { type RefObject, useMemo } from 'react';
import { useWidth } from '#lib/use-width.ts';
import { fittingColumns } from './fitting-columns.ts';
import type { Column } from './table-columns.ts';
import type { TableSearch } from './table-search.ts';

/** Space between cells belongs to their width; this is the row's own on both sides. */
const ROW_PADDING = 32;

export interface ShownColumns<T> {
  readonly columns: readonly Column<T>[];
  /** What can be chosen, with what is. */
  readonly choice: readonly { readonly id: string; readonly label: string; readonly shown: boolean }[];
  readonly toggle: (id: string) => void;
}

/** Which columns are shown: those that were chosen, as far as there is room. */
export function useColumns<T>(
  all: readonly Column<T>[],
  frame: RefObject<HTMLElement | null>,
  search: TableSearch,
  onSearch: (change: TableSearch) => void,
): ShownColumns<T> {
  const room = useWidth(frame, () => window.innerWidth);
  return useMemo(() => {
    const differing = new Set(search.cols?.split(',') ?? []);
    const isChosen = (column: Column<T>): boolean => (column.hidden ?? false) === differing.has(column.id);
    const chosen = all.filter(isChosen);
    const fitting = fittingColumns(chosen, room - ROW_PADDING);
    return {
      columns: chosen.filter(({ id }) => fitting.has(id)),
      choice: all
        .filter(({ importance }) => importance > 1)
        .map((column) => ({ id: column.id, label: column.label, shown: isChosen(column) })),
      toggle: (id) => {
        if (!differing.delete(id)) differing.add(id);
        onSearch({ cols: [...differing].join(',') || undefined });
      },
    };
  }, [all, room, search.cols, onSearch]);
}
