// biome-ignore-all lint/a11y/useSemanticElements: as below
// biome-ignore-all lint/a11y/noRedundantRoles: rows that are grids and not those of tables are none to some screen readers without
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '#lib/cn.ts';
import type { Column } from './table-columns.ts';
import { cellOf, ROW } from './table-layout.ts';

export interface TableHeadProps<T> {
  readonly columns: readonly Column<T>[];
  /** Id of the column, and which way; `null` when in the order of the list. */
  readonly sort: { readonly id: string; readonly desc: boolean } | null;
  readonly onSort: (id: string) => void;
  readonly hasActions: boolean;
  /** The box that selects all, where rows can be selected. */
  readonly selectAll: ReactNode;
}

const ARIA_SORT = { asc: 'ascending', desc: 'descending' } as const;

/** Names of columns; it stays in sight. A press sorts up, the next down, the third not at all. */
export function TableHead<T>({ columns, sort, onSort, hasActions, selectAll }: TableHeadProps<T>) {
  return (
    <thead role="rowgroup" className="sticky top-0 z-20 block bg-background">
      <tr
        role="row"
        aria-rowindex={1}
        className={`${ROW} h-8 text-left text-faint text-xs shadow-[inset_0_-1px_var(--border)]`}
      >
        {selectAll !== undefined && (
          <th role="columnheader" className="font-normal">
            {selectAll}
          </th>
        )}
        {columns.map(({ id, label, align, value }) => {
          const sorted = sort?.id === id ? (sort.desc ? 'desc' : 'asc') : null;
          const Arrow = sorted === 'desc' ? ArrowDown : ArrowUp;
          return (
            <th
              key={id}
              role="columnheader"
              aria-sort={sorted ? ARIA_SORT[sorted] : undefined}
              className={`${cellOf({ align })} font-normal`}
            >
              {value ? (
                <button
                  type="button"
                  onClick={() => onSort(id)}
                  className={cn(
                    'inline-flex max-w-full items-center gap-1 rounded-sm align-middle transition-colors hover:text-foreground',
                    align === 'right' && 'flex-row-reverse',
                    sorted && 'text-foreground',
                  )}
                >
                  <span className="truncate">{label}</span>
                  <Arrow aria-hidden className={cn('size-3 shrink-0', !sorted && 'invisible')} />
                </button>
              ) : (
                label
              )}
            </th>
          );
        })}
        {hasActions && (
          <th role="columnheader" className="px-2 font-normal">
            <span className="sr-only">Actions</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
