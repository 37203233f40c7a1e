import { type RefObject, useMemo } from 'react';
import { useWidth } from '#lib/use-width.ts';
import { fittingColumns } from './fitting-columns.ts';
import type { Column } from './table-columns.ts';
import { BOX_WIDTH, ROW_PADDING } from './table-layout.ts';
import type { TableSearch } from './table-search.ts';

export interface ShownColumns<T> {
  readonly columns: readonly Column<T>[];
  /** What can be chosen, with what is. */
  readonly choice: readonly { readonly id: string; readonly label: string; readonly shown: boolean }[];
  readonly toggle: (id: string) => void;
}

/** Which columns are shown: those that were chosen, as far as there is room beside boxes and buttons. */
export function useColumns<T>(
  all: readonly Column<T>[],
  beside: { readonly boxes: boolean; readonly actionsWidth: number },
  frame: RefObject<HTMLElement | null>,
  search: TableSearch,
  onSearch: (change: TableSearch) => void,
): ShownColumns<T> {
  const width = useWidth(frame, () => window.innerWidth);
  const room = width - ROW_PADDING - (beside.boxes ? BOX_WIDTH : 0) - beside.actionsWidth;
  return useMemo(() => {
    const differing = new Set(search.cols?.split(',') ?? []);
    const isChosen = (column: Column<T>): boolean => (column.hidden ?? false) === differing.has(column.id);
    const chosen = all.filter(isChosen);
    const fitting = fittingColumns(chosen, room);
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
