// biome-ignore-all lint/a11y/noRedundantRoles: rows that are grids and not those of tables are none to some screen readers without
import { type ReactNode, type RefObject, useCallback, useEffect, useRef } from 'react';
import type { Column } from './table-columns.ts';
import { type RowLink, TableRow } from './table-row.tsx';
import { useRested } from './use-rested.ts';
import { ROW_HEIGHT, useVirtualRows } from './use-virtual-rows.ts';

export interface TableBodyProps<T> {
  readonly table: RefObject<HTMLElement | null>;
  /** All of them, in the order in which they are shown. */
  readonly sorted: readonly { readonly id: string; readonly original: T }[];
  readonly columns: readonly Column<T>[];
  readonly rowName?: ((row: T) => string) | undefined;
  readonly rowLink?: ((row: T) => RowLink) | undefined;
  readonly rowActions?: ((row: T) => ReactNode) | undefined;
  readonly isDimmed?: ((row: T) => boolean) | undefined;
  readonly selected?: ReadonlySet<string> | undefined;
  readonly onSelect?: ((selected: ReadonlySet<string>) => void) | undefined;
}

/** The rows in sight. Scrolling draws this anew and nothing around it: its head would go through all rows each time. */
export function TableBody<T>(props: TableBodyProps<T>) {
  const { table, sorted, columns, rowLink, rowActions, selected, onSelect } = props;
  const { indexes, isScrolling, onKeyDown } = useVirtualRows(sorted.length, table);
  const hasRested = useRested(indexes, isScrolling);
  const onToggle = useToggle(selected, onSelect);
  return (
    // A transition under the pointer has the whole list painted again in each frame while it scrolls. So that the rows that
    // pass under it are not looked for and lit up one by one, something lies above them meanwhile.
    <tbody
      role="rowgroup"
      onKeyDown={onKeyDown}
      style={{ height: sorted.length * ROW_HEIGHT }}
      className="relative block [&_*]:transition-none"
    >
      <tr aria-hidden style={{ height: (indexes[0] ?? 0) * ROW_HEIGHT }} className="block" />
      {indexes.map((index) => {
        const row = sorted[index];
        if (!row) return null;
        return (
          <TableRow
            key={row.id}
            {...{ index, columns, row: row.original, id: row.id }}
            link={rowLink}
            dimmed={props.isDimmed?.(row.original) ?? false}
            actions={rowActions && (hasRested(index) ? rowActions : null)}
            onToggle={selected && onToggle}
            checked={selected?.has(row.id) ?? false}
            name={props.rowName?.(row.original) ?? row.id}
          />
        );
      })}
      {isScrolling && <tr aria-hidden className="absolute inset-0 z-20 block" />}
    </tbody>
  );
}

/** Selects a row or no longer; the same function for as long as the table is there, so that rows are not drawn anew. */
function useToggle(
  selected: ReadonlySet<string> | undefined,
  onSelect: ((selected: ReadonlySet<string>) => void) | undefined,
): (id: string) => void {
  const latest = useRef({ selected, onSelect });
  useEffect(() => {
    latest.current = { selected, onSelect };
  });
  return useCallback(
    (id) => latest.current.onSelect?.(toggled(latest.current.selected ?? new Set(), id)),
    [],
  );
}

function toggled(selected: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}
