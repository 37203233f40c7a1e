// biome-ignore-all lint/a11y/noRedundantRoles: rows that are grids and not those of tables are none to some screen readers without
import { type RowData, useTable } from '@tanstack/react-table';
import { type ReactNode, useMemo, useRef } from 'react';
import { EmptyState, ErrorState } from '../states.tsx';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/checkbox.tsx';
import { TableBody } from './table-body.tsx';
import { type Column, definitionsOf, FEATURES } from './table-columns.ts';
import { TableHead } from './table-head.tsx';
import { columnsOf } from './table-layout.ts';
import type { RowLink } from './table-row.tsx';
import { useTableSearch } from './table-search.ts';
import { TableSkeleton } from './table-skeleton.tsx';
import { TableToolbar } from './table-toolbar.tsx';
import { useColumns } from './use-columns.ts';

export interface DataTableProps<T extends RowData> {
  /** What the rows are, in the plural: `devices`. */
  readonly name: string;
  /** Must stay the same array from one rendering to the next. */
  readonly columns: readonly Column<T>[];
  /** `undefined` while they are read. Filters of the page are applied already. */
  readonly rows: readonly T[] | undefined;
  readonly rowId: (row: T) => string;
  /** What a row is called, for the name of its box. */
  readonly rowName?: (row: T) => string;
  /** Where a row leads. */
  readonly rowLink?: (row: T) => RowLink;
  /** Buttons that appear on hover and on focus. */
  readonly rowActions?: (row: T) => ReactNode;
  /** Room for them, in pixels. */
  readonly actionsWidth?: number;
  /** Rows that matter less now, such as offline phones. */
  readonly isDimmed?: (row: T) => boolean;
  /** Everything of a row that its search looks into; no search without it. */
  readonly searchText?: (row: T) => string;
  readonly filters?: ReactNode;
  /** Whether `filters` leave rows out, so that an empty table says so. */
  readonly isFiltered?: boolean;
  readonly onClearFilters?: () => void;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  /** Shown when there is nothing at all. */
  readonly empty: ReactNode;
  /** Ids of the selected rows; no selection without it. */
  readonly selected?: ReadonlySet<string>;
  readonly onSelect?: (selected: ReadonlySet<string>) => void;
  /** `false`: without search and choice of columns, for a few rows inside of another page. */
  readonly toolbar?: boolean;
}

const NO_ROWS: readonly never[] = [];

/** The one table: dense, sorted, searched, virtual, with its state in the URL. */
export function DataTable<T extends RowData>(props: DataTableProps<T>) {
  const { rows, error, onRetry, name, empty, toolbar = true, searchText } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [search, onSearch] = useTableSearch();
  const beside = { boxes: props.selected !== undefined, actionsWidth: actionsWidthOf(props) };
  const { columns, choice, toggle } = useColumns(props.columns, beside, frame, search, onSearch);
  const query = toolbar && searchText ? (search.q ?? '') : '';
  const found = useMemo(() => findRows(rows, query, searchText), [rows, query, searchText]);
  const clear = (): void => {
    props.onClearFilters?.();
    onSearch({ q: undefined });
  };
  const nothing = rows?.length === 0 && !props.isFiltered;
  return (
    <div ref={frame} className="flex min-w-0 flex-col">
      {toolbar && !nothing && (
        <TableToolbar
          {...{ name, query, filters: props.filters, columns: choice, onToggle: toggle }}
          onQuery={searchText ? (q) => onSearch({ q }) : null}
        />
      )}
      {error !== undefined && error !== null && rows === undefined ? (
        <ErrorState error={error} title={`The ${name} could not be read`} {...(onRetry && { onRetry })} />
      ) : nothing ? (
        empty
      ) : (
        <Grid {...props} columns={columns} rows={found} />
      )}
      {found?.length === 0 && !nothing && (
        <EmptyState
          title={`No ${name} match`}
          action={<Button onClick={clear}>Clear search and filters</Button>}
        />
      )}
    </div>
  );
}

/** Head and rows. */
function Grid<T extends RowData>(props: DataTableProps<T>) {
  const { name, columns, rows, rowId, rowActions, selected, onSelect } = props;
  const [search, onSearch] = useTableSearch();
  const table = useRef<HTMLTableElement>(null);
  const sort = useMemo(() => sortOf(search.sort), [search.sort]);
  const sorting = useMemo(() => (sort ? [sort] : []), [sort]);
  const model = useTable({
    features: FEATURES,
    columns: useMemo(() => definitionsOf(props.columns), [props.columns]),
    data: rows ?? NO_ROWS,
    getRowId: rowId,
    state: { sorting },
  });
  const sorted = model.getRowModel().rows;
  return (
    <table
      role="table"
      ref={table}
      aria-label={name}
      aria-rowcount={sorted.length + 1}
      className="block"
      style={columnsOf(columns, selected !== undefined, actionsWidthOf(props))}
    >
      <TableHead
        {...{ columns, sort, hasActions: rowActions !== undefined }}
        onSort={(id) => onSearch({ sort: nextSort(sort, id) })}
        selectAll={
          selected && onSelect && <SelectAll ids={sorted.map(({ id }) => id)} {...{ selected, onSelect }} />
        }
      />
      {rows === undefined ? (
        // Inside of another page, what is below must not jump up.
        <TableSkeleton
          {...{ columns, hasBoxes: selected !== undefined, rows: props.toolbar === false ? 1 : 8 }}
        />
      ) : (
        <TableBody {...props} {...{ table, sorted }} />
      )}
    </table>
  );
}

interface SelectAllProps {
  readonly ids: readonly string[];
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
}

function SelectAll({ ids, selected, onSelect }: SelectAllProps) {
  const all = ids.length > 0 && ids.every((id) => selected.has(id));
  return (
    <Checkbox
      aria-label="Select all"
      checked={all ? true : selected.size > 0 ? 'indeterminate' : false}
      onCheckedChange={() => onSelect(new Set(all ? [] : ids))}
    />
  );
}

/** 0 where rows have no buttons. */
function actionsWidthOf<T extends RowData>({ rowActions, actionsWidth = 72 }: DataTableProps<T>): number {
  return rowActions ? actionsWidth : 0;
}

function findRows<T>(
  rows: readonly T[] | undefined,
  query: string,
  searchText: ((row: T) => string) | undefined,
): readonly T[] | undefined {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!rows || !searchText || words.length === 0) return rows;
  return rows.filter((row) => {
    const text = searchText(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function sortOf(sort: string | undefined): { readonly id: string; readonly desc: boolean } | null {
  if (!sort) return null;
  return sort.startsWith('-') ? { id: sort.slice(1), desc: true } : { id: sort, desc: false };
}

function nextSort(
  sort: { readonly id: string; readonly desc: boolean } | null,
  id: string,
): string | undefined {
  if (sort?.id !== id) return id;
  return sort.desc ? undefined : `-${id}`;
}
