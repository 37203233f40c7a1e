// biome-ignore-all lint/a11y/noRedundantRoles: rows that are grids and not those of tables are none to some screen readers without
import { Link, type LinkProps } from '@tanstack/react-router';
import { memo, type ReactNode } from 'react';
import { RowBox } from './row-box.tsx';
import type { Column } from './table-columns.ts';
import { cellOf, ROW } from './table-layout.ts';

export type RowLink = Pick<LinkProps, 'to' | 'params' | 'search'>;

export interface TableRowProps<T> {
  readonly row: T;
  readonly id: string;
  /** Place in the whole list, from 0. */
  readonly index: number;
  readonly columns: readonly Column<T>[];
  /** Where the row leads; without it, it leads nowhere. */
  readonly link: ((row: T) => RowLink) | undefined;
  readonly dimmed: boolean;
  /** `null` leaves their cell empty for now. */
  readonly actions: ((row: T) => ReactNode) | null | undefined;
  /** Its box, where rows can be selected; must stay the same function. */
  readonly onToggle: ((id: string) => void) | undefined;
  readonly checked: boolean;
  /** What it is called, for the name of its box. */
  readonly name: string;
}

/** Laid out and painted by itself, so that one that comes or goes leaves the others as they are. */
const BODY_ROW = `${ROW} group relative h-9 border-border border-b contain-strict focus-within:bg-hover hover:bg-hover [&_a]:z-10 [&_button]:relative [&_button]:z-10`;

/**
 * The whole row is the link of its first cell; what can be pressed in other cells lies above it. Hundreds of events a
 * second and scrolling draw only the rows that have changed: functions among the properties should stay the same. Each
 * row that scrolling uncovers is made anew: the fewer elements, the smoother.
 */
export const TableRow = memo(Row) as typeof Row;

function Row<T>(props: TableRowProps<T>) {
  const { row, id, index, columns, link, dimmed, actions, onToggle, checked, name } = props;
  return (
    <tr role="row" aria-rowindex={index + 2} className={dimmed ? `${BODY_ROW} text-muted` : BODY_ROW}>
      {onToggle && (
        <td role="cell">
          <RowBox {...{ checked, name }} onToggle={() => onToggle(id)} />
        </td>
      )}
      {columns.map((column, at) => (
        <td key={column.id} role="cell" className={cellOf(column)}>
          {at === 0 && link ? (
            <Link
              {...link(row)}
              data-row={index}
              className="font-medium text-foreground outline-none after:absolute after:inset-0 after:rounded-sm focus-visible:after:outline-2 focus-visible:after:outline-focus focus-visible:after:-outline-offset-2"
            >
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
      {actions !== undefined && (
        <td role="cell" className="pr-2 text-right">
          {actions && (
            <span className="inline-flex items-center justify-end gap-1 opacity-0 focus-within:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:opacity-100">
              {actions(row)}
            </span>
          )}
        </td>
      )}
    </tr>
  );
}
